/** A job of the load generator, sent by message; one at a time. */
export type Job =
  | { readonly kind: 'requests'; readonly connections: number; readonly body: BodyName; readonly ms: number }
  | {
      readonly kind: 'streams';
      readonly count: number;
      readonly perSecond: number;
      readonly ms: number;
      readonly coding: StreamCoding;
    }
  /** Opens streams, and keeps them open until they are released. */
  | { readonly kind: 'hold'; readonly count: number; readonly coding: StreamCoding }
  | { readonly kind: 'release' }
  | { readonly kind: 'download'; readonly chunkBytes: number; readonly bytes: number }
  | { readonly kind: 'upload'; readonly bytes: number; readonly times: number };

/** A request body: a one-line question, or a coding agent's typical 60 KB of system prompt, tools and history. */
export type BodyName = 'small' | 'agent';

/** The content coding of a stream. */
export type StreamCoding = 'identity' | 'gzip';

/** The URL and the headers with which a target is called. */
export interface Endpoint {
  /** The URL before /v1/messages. */
  readonly baseUrl: string;
  readonly headers: Readonly<Record<string, string>>;
}

export interface LoadRequest {
  readonly endpoint: Endpoint;
  readonly job: Job;
}

/** A job's result. The lists are in milliseconds, one value per request, stream or event, and empty if not measured. */
export interface LoadResult {
  readonly requests: number;
  readonly seconds: number;
  readonly bytes: number;
  readonly events: number;
  /** The time from sending a request to the last byte of its response. */
  readonly latencies: number[];
  /** The time from sending a request to the first byte of its response. */
  readonly firstBytes: number[];
  /** The time from the upstream's write of an event to its arrival. */
  readonly eventDelays: number[];
}

export type LoadAnswer = { readonly result: LoadResult } | { readonly error: string };

/**
 * The model names that control the upstream. The model is the one field that even a gateway which rebuilds the body is sure
 * to forward.
 */
export const model = {
  message: 'bench-message',
  stream: (perSecond: number, coding: StreamCoding) => `bench-stream-${coding}-${perSecond}`,
  hold: (coding: StreamCoding) => `bench-hold-${coding}`,
  download: (chunkBytes: number, bytes: number) => `bench-download-${chunkBytes}-${bytes}`,
};
