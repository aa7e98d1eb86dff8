/** The vendor's answers, in Anthropic's format: with usage, and a model that has a price, so that a meter has all its work. */
import { constants, deflateRawSync } from 'node:zlib';
import { StreamCoding } from './job';

const USAGE = {
  input_tokens: 12,
  cache_creation_input_tokens: 1_200,
  cache_read_input_tokens: 54_000,
  cache_creation: { ephemeral_5m_input_tokens: 1_200, ephemeral_1h_input_tokens: 0 },
  output_tokens: 96,
  service_tier: 'standard',
};
const HEAD = {
  id: 'msg_bench',
  type: 'message',
  role: 'assistant',
  model: 'claude-sonnet-5',
  stop_sequence: null,
};

/** The spaces before the last brace of an event; the vendor writes another number each time. */
const PADDING = ' '.repeat(8);

/** A whole answer. */
export const MESSAGE = JSON.stringify({
  ...HEAD,
  content: [{ type: 'text', text: 'About 384,400 kilometres; it changes along its way. '.repeat(6) }],
  stop_reason: 'end_turn',
  usage: USAGE,
});

/** The events before a stream's text. */
export const BEGINNING = sse(
  {
    type: 'message_start',
    message: { ...HEAD, content: [], stop_reason: null, usage: { ...USAGE, output_tokens: 1 } },
  },
  { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
);

/** The events behind a stream's text. */
export const ENDING = sse(
  { type: 'content_block_stop', index: 0 },
  {
    type: 'message_delta',
    delta: { stop_reason: 'end_turn', stop_sequence: null },
    usage: { output_tokens: USAGE.output_tokens },
  },
  { type: 'message_stop' },
);

interface Event {
  readonly type: string;
  readonly [member: string]: unknown;
}

/** Returns an event with text, of a size in bytes. */
export function textEvent(bytes: number): string {
  return sse(textDelta('a'.repeat(Math.max(0, bytes - sse(textDelta('')).length))));
}

/** A text event is in three parts: what is before the time at which it was written, the time, and what is behind. */
const [BEFORE, BEHIND] = split(sse(textDelta(' and then STAMP')));
const TIME_DIGITS = 20;
/** The header of gzip (RFC 1952): no name, no time, an unknown system. */
const GZIP_HEADER = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255]);

/** The parts of a stream in a content coding. */
interface StreamParts {
  readonly beginning: Buffer;
  /** Returns a text event with the time at which it is written, in nanoseconds of the machine's monotonic clock. */
  readonly event: () => Buffer;
}

/** Streams, by coding. */
export const STREAMS: Readonly<Record<StreamCoding, StreamParts>> = {
  identity: { beginning: Buffer.from(BEGINNING), event: () => Buffer.from(BEFORE + stamp() + BEHIND) },
  gzip: gzipParts(),
};

/**
 * Returns the parts of a stream in gzip. Each event refers to the one before it, as a server's do, and is compressed once and not for
 * each stream: all are of one length. The time is in a stored block, where the load generator finds it without decoding; it and the
 * words stand for a text that is not yet known. The beginning ends with an event without a time, for the first one to refer to.
 */
function gzipParts(): StreamParts {
  const untimed = `untimed=${'#'.repeat(TIME_DIGITS)}`;
  const event = BEFORE + untimed + BEHIND;
  const [before, behind] = [deflated(BEFORE, event), deflated(BEHIND, event + BEFORE + untimed)];
  return {
    beginning: Buffer.concat([GZIP_HEADER, deflated(BEGINNING + event)]),
    event: () => Buffer.concat([before, stored(stamp()), behind]),
  };
}

/** Returns the time; it is of one length at all times. */
function stamp(): string {
  return `sent_ns=${process.hrtime.bigint().toString().padStart(TIME_DIGITS, '0')}`;
}

/**
 * Returns blocks of deflate (RFC 1951) that end on a whole byte and are not the last ones.
 * @param past the text before this one, to which they may refer.
 */
function deflated(text: string, past = ''): Buffer {
  const dictionary = Buffer.from(past);
  return deflateRawSync(text, { finishFlush: constants.Z_SYNC_FLUSH, ...(past !== '' && { dictionary }) });
}

/** Returns a block of deflate that holds the text as it is. */
function stored(text: string): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt16LE(text.length, 1);
  head.writeUInt16LE(0xffff - text.length, 3);
  return Buffer.concat([head, Buffer.from(text)]);
}

function textDelta(text: string): Event {
  return { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text } };
}

/** Renders events as the vendor does, each with its name, and with spaces before the last brace. */
function sse(...events: readonly Event[]): string {
  return events
    .map((data) => `event: ${data.type}\ndata: ${JSON.stringify(data).slice(0, -1)}${PADDING}}\n\n`)
    .join('');
}

function split(event: string): readonly [string, string] {
  const [before = '', behind = ''] = event.split('STAMP');
  return [before, behind];
}
