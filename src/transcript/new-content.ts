import { Block } from './content-block';
import { Message, RequestContent, Tool } from './request-content';

/** The first part of a request that is not as in the call before, which ends what the provider can have cached. */
export interface FirstDifference {
  part: 'model' | 'tools' | 'system' | 'messages';
  /** Null for the model. */
  index: number | null;
  /** The name of a tool. */
  name: string | null;
}

/** What a request says that the one before it did not. */
export interface NewContent {
  /** Null if it is the same as before. */
  system: Block[] | null;
  /** Null if they are the same as before. */
  tools: Tool[] | null;
  /** The number of messages at the start that are the same as before. */
  repeated_messages: number;
  messages: Message[];
  /** Null if the request repeats all of the one before. */
  first_difference: FirstDifference | null;
}

/** What a request is compared with the next one by. */
export type ComparedRequest = Pick<RequestContent, 'model' | 'is_continuation' | 'digests'> & {
  readonly tools: readonly Pick<Tool, 'name'>[];
};

/** @param previous the request before it of the same agent; undefined if there was none. */
export function newIn(current: RequestContent, previous: ComparedRequest | undefined): NewContent {
  const { system, tools, messages } = current;
  if (previous === undefined)
    return { system, tools, repeated_messages: 0, messages, first_difference: null };
  const repeated = current.is_continuation
    ? 0
    : commonLength(current.digests.messages, previous.digests.messages);
  return {
    system: differenceOf(current, previous, 'system') === undefined ? null : system,
    tools: differenceOf(current, previous, 'tools') === undefined ? null : tools,
    repeated_messages: repeated,
    messages: messages.slice(repeated),
    first_difference: firstDifference(current, previous, repeated),
  };
}

/** Looks at the parts in the order in which providers cache them. */
function firstDifference(
  current: RequestContent,
  previous: ComparedRequest,
  repeated: number,
): FirstDifference | null {
  if (current.model !== previous.model) return { part: 'model', index: null, name: null };
  const tool = differenceOf(current, previous, 'tools');
  if (tool !== undefined) {
    const { name } = current.tools[tool] ?? previous.tools[tool] ?? { name: null };
    return { part: 'tools', index: tool, name };
  }
  const system = differenceOf(current, previous, 'system');
  if (system !== undefined) return { part: 'system', index: system, name: null };
  const isWhole = current.is_continuation || previous.is_continuation;
  const isLonger = isWhole || repeated === previous.digests.messages.length;
  return isLonger ? null : { part: 'messages', index: repeated, name: null };
}

/** Returns the index of the first item that differs, is missing or is new; undefined if there is none. */
function differenceOf(
  { digests: current }: RequestContent,
  { digests: previous }: ComparedRequest,
  part: 'system' | 'tools',
): number | undefined {
  const common = commonLength(current[part], previous[part]);
  return common === Math.max(current[part].length, previous[part].length) ? undefined : common;
}

function commonLength(some: readonly string[], others: readonly string[]): number {
  const at = some.findIndex((digest, index) => digest !== others[index]);
  return at < 0 ? some.length : at;
}

/** Returns the part of a request that the next one is compared with, without what was said. */
export function comparedOf({ model, is_continuation, digests, tools }: RequestContent): ComparedRequest {
  return { model, is_continuation, digests, tools: tools.map(({ name }) => ({ name })) };
}
