import { Block } from './content-block';

/** A message of a conversation. */
export interface Message {
  role: string;
  blocks: Block[];
}

/** A tool that the model may use. */
export interface Tool {
  name: string;
  description: string | null;
  /** The JSON schema of its input, as text. */
  input_schema: string | null;
}

/** The digests of a request's parts, by which they are compared. */
export interface ContentDigests {
  readonly system: readonly string[];
  readonly tools: readonly string[];
  readonly messages: readonly string[];
}

/** What a request says. */
export interface RequestContent {
  /** Null if the body names none: it may stand in the path. */
  model: string | null;
  system: Block[];
  tools: Tool[];
  messages: Message[];
  /** Whether the messages go on from those that the provider has kept. */
  is_continuation: boolean;
  digests: ContentDigests;
}
