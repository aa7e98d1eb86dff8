/** What the load generator is asked to do, by message; one at a time. */
export type Job =
  | { readonly kind: 'requests'; readonly connections: number; readonly body: BodyName; readonly ms: number }
  | { readonly kind: 'streams'; readonly count: number; readonly perSecond: number; readonly ms: number }
  /** Opens them, and keeps them open until the next job. */
  | { readonly kind: 'hold'; readonly count: number }
  | { readonly kind: 'release' }
  | { readonly kind: 'download'; readonly chunkBytes: number; readonly bytes: number }
  | { readonly kind: 'upload'; readonly bytes: number; readonly times: number };

/** A one-line question, and what a coding agent sends in the middle of its work: 60 KB of system prompt, tools and history. */
export type BodyName = 'small' | 'agent';

/** Where to, and as whom. */
export interface Endpoint {
  /** What stands in front of /v1/messages. */
  readonly baseUrl: string;
  readonly headers: Readonly<Record<string, string>>;
}

export interface LoadRequest {
  readonly endpoint: Endpoint;
  readonly job: Job;
}

/** Milliseconds in lists, one for each request, stream or event; what a job doesn't measure stays empty. */
export interface LoadResult {
  readonly requests: number;
  readonly seconds: number;
  readonly bytes: number;
  readonly events: number;
  /** From sending to the last byte of the answer. */
  readonly latencies: number[];
  /** From sending to the first byte of the answer. */
  readonly firstBytes: number[];
  /** From the upstream's write of an event to its arrival. */
  readonly eventDelays: number[];
}

export type LoadAnswer = { readonly result: LoadResult } | { readonly error: string };

/**
 * The upstream does what the model's name says: it is the one thing that a gateway which rebuilds the body passes on for
 * certain.
 */
export const model = {
  message: 'bench-message',
  stream: (perSecond: number) => `bench-stream-${perSecond}`,
  hold: 'bench-hold',
  download: (chunkBytes: number, bytes: number) => `bench-download-${chunkBytes}-${bytes}`,
};
