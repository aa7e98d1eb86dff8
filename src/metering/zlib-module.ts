import { readFileSync } from 'node:fs';

/** What is used of WebAssembly, which TypeScript's types describe for browsers alone. */
declare const WebAssembly: {
  readonly Module: new (bytes: Buffer) => object;
  readonly Instance: new (module: object) => { readonly exports: unknown };
};

/** The functions of the module: zlib's own, with addresses in the memory as numbers (`src/wasm` of the zlib-streams project). */
interface Exports {
  readonly memory: { readonly buffer: ArrayBuffer };
  readonly _initialize: () => void;
  readonly malloc: (bytes: number) => number;
  readonly inflate_new: () => number;
  readonly inflate_init: (stream: number) => number;
  readonly inflate_init_gzip: (stream: number) => number;
  readonly inflate_init_raw: (stream: number) => number;
  readonly inflate_process: (
    ...args: [stream: number, input: number, length: number, output: number, room: number, flush: number]
  ) => number;
  readonly inflate_last_consumed: (stream: number) => number;
  readonly inflate_end: (stream: number) => number;
}

/** The functions that begin to decode a format: with the header of gzip or zlib, or without one. */
const BEGIN = { gzip: 'inflate_init_gzip', zlib: 'inflate_init', bare: 'inflate_init_raw' } as const;
export type InflateFormat = keyof typeof BEGIN;

/** Gives out all that can be decoded (Z_SYNC_FLUSH). */
const SYNC_FLUSH = 2;
/** Bytes that are decoded in one go: each stream keeps a copy of them in the memory. */
const INPUT_BYTES = 4 * 1024;
const OUTPUT_BYTES = 16 * 1024;
/** The streams of one memory. It has 16 MB, whose pages count once they have been used, and can't grow: there is room for some 380. */
const MAX_STREAMS = 256;

const MODULE = new WebAssembly.Module(readFileSync(require.resolve('@zip.js/zip.js/dist/zip-module.wasm')));

/** A memory of the module: its streams, and the room for what they take and give, of which only one is in use at any time. */
class ZlibMemory {
  streams = 0;
  readonly zlib: Exports;
  readonly input: number;
  readonly output: number;
  readonly bytes: Buffer;

  constructor() {
    this.zlib = new WebAssembly.Instance(MODULE).exports as Exports;
    this.zlib._initialize();
    this.input = this.zlib.malloc(INPUT_BYTES);
    this.output = this.zlib.malloc(OUTPUT_BYTES);
    this.bytes = Buffer.from(this.zlib.memory.buffer);
  }
}

/** The memories that are in use, and an empty one for the next stream. */
const memories: ZlibMemory[] = [];

/** zlib's decoder of one stream, in WebAssembly. It takes 44 KB until it is released. */
export class ZlibStream {
  /** What the last step took and gave, in bytes. */
  taken = 0;
  given = 0;
  private readonly memory: ZlibMemory;
  private stream: number;

  constructor(private readonly format: InflateFormat) {
    this.memory = memories.find(({ streams }) => streams < MAX_STREAMS) ?? addMemory();
    this.memory.streams += 1;
    this.stream = this.begin();
  }

  /**
   * Decodes of the bytes behind `from` what fits into the output.
   * @returns zlib's status, which is negative for a fault.
   */
  step(bytes: Uint8Array, from: number): number {
    const { zlib, input, output, bytes: memory } = this.memory;
    const part = bytes.subarray(from, from + INPUT_BYTES);
    memory.set(part, input);
    const result = zlib.inflate_process(this.stream, input, part.length, output, OUTPUT_BYTES, SYNC_FLUSH);
    this.taken = zlib.inflate_last_consumed(this.stream);
    const given = result & 0xffffff;
    this.given = given <= OUTPUT_BYTES ? given : 0; // more is a status alone, of a memory that is full
    return result >> 24;
  }

  /** Tells whether the last step may have left something of what it took. */
  get isFull(): boolean {
    return this.given === OUTPUT_BYTES;
  }

  /** What the last step has decoded, valid until the next step of any stream. */
  decoded(): Buffer {
    const { bytes, output } = this.memory;
    return bytes.subarray(output, output + this.given);
  }

  /** Begins to decode another body, or another member of gzip. */
  reset(): void {
    this.memory.zlib.inflate_end(this.stream);
    this.stream = this.begin();
  }

  /** Frees the memory. The stream is not to be used any more. */
  release(): void {
    this.memory.zlib.inflate_end(this.stream);
    this.memory.streams -= 1;
    if (this.memory.streams === 0) keepOneEmpty(this.memory);
  }

  private begin(): number {
    const { zlib } = this.memory;
    const stream = zlib.inflate_new();
    zlib[BEGIN[this.format]](stream);
    return stream;
  }
}

function addMemory(): ZlibMemory {
  const memory = new ZlibMemory();
  memories.push(memory);
  return memory;
}

/** Leaves an empty memory to the garbage collector if there is another one: pages that have been used are never given back. */
function keepOneEmpty(empty: ZlibMemory): void {
  const hasAnother = memories.some((one) => one !== empty && one.streams === 0);
  if (hasAnother) memories.splice(memories.indexOf(empty), 1);
}
