// Prints how many bytes each of a thousand idle streams takes, in the midst of an event, and all of them when they have ended: node --expose-gc idle-streams.js.
// It is a process of its own, since a heap that holds what many suites have left says something else of the same streams.
const { setTimeout: sleep } = require('node:timers/promises');
const { UsageTap } = require('../../dist/src/metering/usage-tap.js');

const STREAMS = 1000;
const CALL = { endpoint: 'messages', format: 'messages', reportsCost: false };
const START =
  'event: message_start\ndata: {"type":"message_start","message":{"model":"m","usage":{"input_tokens":1}}}\n\n';
const DELTA =
  'event: content_block_delta\ndata: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"and then"}}\n\n';
const BYTES = Buffer.from(START + DELTA.repeat(80)).subarray(0, -20);
/** The size of a chunk: it ends within an event, as what is read together does then. */
const CHUNK = 1000;

function used() {
  global.gc();
  global.gc(); // the first one frees buffers in the background
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

function idleStreams(count) {
  return Array.from({ length: count }, () => {
    const tap = new UsageTap(CALL, { isBehind: () => false });
    tap.requestChunk(Buffer.from('{"model":"m","messages":[]}'));
    tap.responseHead(200, ['content-type', 'text/event-stream']);
    for (let at = 0; at < BYTES.length; at += CHUNK) tap.responseChunk(BYTES.subarray(at, at + CHUNK));
    return tap;
  });
}

async function main() {
  idleStreams(100); // so that what the engine compiles on the way is not counted
  const before = used();
  const taps = idleStreams(STREAMS);
  const ofEach = (used() - before) / STREAMS;
  for (const tap of taps.splice(0)) {
    tap.end('client_aborted');
    tap.responseChunk(Buffer.from('late'));
  }
  await sleep(10);
  process.stdout.write(JSON.stringify({ ofEach, left: used() - before }));
}

void main();
