import { Kept } from './json-scanner';
import { JsonObject } from './json';
import { Usage } from './usage';
import { WrittenText } from './written-text';

/** What the request says of the call. */
export interface RequestFacts {
  readonly requestedModel: string | undefined;
  /** Whether the provider itself says what it bills. */
  readonly reportsCost: boolean;
  readonly batchId: string | undefined;
}

/**
 * What is wanted of an event: the whole document, or nothing more. It is `text` if nothing but the characters of its text were counted,
 * and if the same event with any other text that is not empty would have been read in the same way.
 */
export type Wanted = 'document' | 'text' | 'nothing';

/** Reads usage out of the JSON documents of one response, in one format. */
export interface UsageReader {
  /** The members that are kept of a document which is too large to be parsed as a whole. */
  readonly kept: Kept;
  /** The characters that the model wrote, where their events repeat. */
  readonly written?: WrittenText;
  /**
   * Tells whether an event of a stream has to be parsed. It looks at its JSON text alone, and counts the characters of what the
   * model wrote. Called for every event that is not found to repeat an earlier one with another text.
   * @param type the event's type; empty if it is not known.
   * @param data the JSON text, its bytes as Latin-1 characters.
   */
  wants(type: string, data: string): Wanted;
  /** Takes the data of an event. */
  event(value: JsonObject): void;
  /** Takes a body, or one of the objects of a body that is a list. */
  body(value: JsonObject, isWhole: boolean): void;
  /** Takes note of a line, among others, that could not be read. */
  unreadableLine?(): void;
  /** Returns the usage; an empty list if there was nothing to read it from. */
  usages(request: RequestFacts): readonly Usage[];
}
