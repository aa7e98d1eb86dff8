import type { components } from '../api/schema';

type Schemas = components['schemas'];

/** What was said in a call, as far as it is new against the one before it. */
export type CallContent = Schemas['CallContentDto'];
/** What is known of the body of a request or a response. */
export type KeptBody = Schemas['KeptBodyDto'];
/** Whether a body is kept, and if not, why. */
export type KeptState = KeptBody['state'];
/** A tool that a call offers. */
export type Tool = NonNullable<CallContent['tools']>[number];
export type Message = Schemas['MessageDto'];
/** A part of a message. Which of the fields are set depends on its type. */
export type Block = Schemas['BlockDto'];
/** The first part of a request that differs from the call before it. */
export type FirstDifference = Schemas['FirstDifferenceDto'];
