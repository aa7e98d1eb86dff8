import { Kept } from './json-scanner';
import { JsonObject } from './json';
import { Usage } from './usage';

/** What the request says of the call. */
export interface RequestFacts {
  readonly requestedModel: string | undefined;
  /** Whether the provider itself says what it bills. */
  readonly reportsCost: boolean;
  readonly batchId: string | undefined;
}

/** Reads usage out of the JSON documents of one response, in one format. */
export interface UsageReader {
  /** The members that are kept of a document which is too large to be parsed as a whole. */
  readonly kept: Kept;
  /**
   * Tells whether an event of a stream has to be parsed. Called for every event, so it looks at the text alone, and counts
   * the characters of what the model wrote.
   * @param type the event's type; empty if it is not known.
   * @param data the JSON text, its bytes as Latin-1 characters.
   */
  wants(type: string, data: string): boolean;
  /** Takes the data of an event. */
  event(value: JsonObject): void;
  /** Takes a body, or one of the objects of a body that is a list. */
  body(value: JsonObject, isWhole: boolean): void;
  /** Takes note of a line, among others, that could not be read. */
  unreadableLine?(): void;
  /** Returns the usage; an empty list if there was nothing to read it from. */
  usages(request: RequestFacts): readonly Usage[];
}
