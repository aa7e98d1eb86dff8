import { JsonObject } from '../metering/json';
import { Block } from './content-block';
import { Message } from './request-content';

/** The parts of a request as they are in its body. */
export interface RequestParts {
  readonly system: readonly unknown[];
  readonly tools: readonly unknown[];
  readonly messages: readonly unknown[];
  readonly isContinuation?: boolean;
}

/** Puts the answer together that passed as a stream of events. */
export interface AnswerStream {
  event(value: JsonObject): void;
  /** Returns what there was until now. */
  blocks(): Block[];
}

/** Reads what is said in the bodies of one format. No value in them can be relied on to have its type. */
export interface ContentReader {
  /** Returns undefined if the body has not the shape of a request. */
  readonly partsOf: (body: JsonObject) => RequestParts | undefined;
  readonly systemBlocks: (item: unknown) => Block[];
  readonly messageOf: (item: unknown) => Message;
  /** Returns undefined if the body has not the shape of an answer. */
  readonly answerBlocks: (body: unknown) => Block[] | undefined;
  readonly stream: () => AnswerStream;
}
