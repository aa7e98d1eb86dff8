import { setTimeout as sleep } from 'node:timers/promises';
import { Endpoint, Job, LoadResult, model } from '../job';
import { Connection, Exchange } from './connection';
import { messageBody, messageRequest, namedBody } from './requests';

/** Matches the time at which the upstream wrote an event, in nanoseconds of the machine's monotonic clock. */
const STAMP = /sent_ns=(\d{20})/g;

const NOTHING: LoadResult = {
  requests: 0,
  seconds: 0,
  bytes: 0,
  events: 0,
  latencies: [],
  firstBytes: [],
  eventDelays: [],
};

/** The connections that a job of the kind `hold` left open. */
let held: Connection[] = [];

export async function run(endpoint: Endpoint, job: Job): Promise<LoadResult> {
  switch (job.kind) {
    case 'requests':
      return requests(endpoint, job);
    case 'streams':
      return streams(endpoint, job);
    case 'hold':
      return hold(endpoint, job);
    case 'release':
      held.forEach((connection) => connection.close());
      held = [];
      return NOTHING;
    case 'download':
      return download(endpoint, job);
    case 'upload':
      return upload(endpoint, job);
  }
}

/** Opens the connections; each one sends its next request as soon as it has a response. */
async function requests(endpoint: Endpoint, job: Job & { kind: 'requests' }): Promise<LoadResult> {
  const request = messageRequest(endpoint, namedBody(job.body));
  const connections = await openAll(endpoint, job.connections);
  const begun = performance.now();
  const exchanges: Exchange[] = [];
  await Promise.all(
    connections.map(async (connection) => {
      while (performance.now() - begun < job.ms) exchanges.push(await connection.exchange(request));
      connection.close();
    }),
  );
  return summary(begun, exchanges);
}

/** Opens a stream on each connection, spread over a second so that their events don't coincide. */
async function streams(endpoint: Endpoint, job: Job & { kind: 'streams' }): Promise<LoadResult> {
  const request = messageRequest(
    endpoint,
    messageBody(model.stream(job.perSecond, job.coding), 'Tell me a story.', true),
  );
  const connections = await openAll(endpoint, job.count);
  let eventDelays: number[] = [];
  const firstBytes: number[] = [];
  const tick = 1000 / job.perSecond;
  const begun = connections.map(async (connection, index) => {
    await sleep(((index % job.perSecond) + index / job.count) * tick);
    const sentAt = performance.now();
    const stamps = stampReader((sentNs) => {
      eventDelays.push(Number(process.hrtime.bigint() - sentNs) / 1e6);
    });
    await new Promise<void>((resolve, reject) => {
      const onPiece = (piece: Buffer): void => {
        stamps(piece);
        if (firstBytes[index] !== undefined) return;
        firstBytes[index] = performance.now() - sentAt;
        resolve();
      };
      connection.exchange(request, onPiece).catch(reject); // a rejection after the first piece has no effect: the stream is cut off below
    });
  });
  await Promise.all(begun);
  eventDelays = []; // only events from here on count, when all streams are running
  const runAt = performance.now();
  await sleep(job.ms);
  connections.forEach((connection) => connection.close());
  const seconds = (performance.now() - runAt) / 1000;
  return { ...NOTHING, requests: job.count, seconds, events: eventDelays.length, firstBytes, eventDelays };
}

/** Opens streams that stay silent after their first events. */
async function hold(endpoint: Endpoint, { count, coding }: Job & { kind: 'hold' }): Promise<LoadResult> {
  const request = messageRequest(endpoint, messageBody(model.hold(coding), 'Think long.', true));
  const begun = performance.now();
  held = await openAll(endpoint, count);
  for (const connection of held) {
    await new Promise<void>((resolve, reject) => {
      connection.exchange(request, () => resolve()).catch(reject);
    });
  }
  return { ...NOTHING, requests: count, seconds: (performance.now() - begun) / 1000 };
}

async function download(
  endpoint: Endpoint,
  { chunkBytes, bytes }: Job & { kind: 'download' },
): Promise<LoadResult> {
  const request = messageRequest(
    endpoint,
    messageBody(model.download(chunkBytes, bytes), 'All of it.', true),
  );
  const connection = await Connection.open(endpoint.baseUrl);
  const begun = performance.now();
  const exchange = await connection.exchange(request);
  connection.close();
  return { ...summary(begun, [exchange]), bytes, events: Math.ceil(bytes / chunkBytes) };
}

async function upload(endpoint: Endpoint, { bytes, times }: Job & { kind: 'upload' }): Promise<LoadResult> {
  const request = messageRequest(endpoint, messageBody(model.message, 'a'.repeat(bytes)));
  const connection = await Connection.open(endpoint.baseUrl);
  const begun = performance.now();
  const exchanges: Exchange[] = [];
  for (let time = 0; time < times; time++) exchanges.push(await connection.exchange(request));
  connection.close();
  return { ...summary(begun, exchanges), bytes: bytes * times };
}

async function openAll(endpoint: Endpoint, count: number): Promise<Connection[]> {
  const connections: Connection[] = [];
  for (let opened = 0; opened < count; opened++) connections.push(await Connection.open(endpoint.baseUrl));
  return connections;
}

function summary(begun: number, exchanges: readonly Exchange[]): LoadResult {
  return {
    ...NOTHING,
    requests: exchanges.length,
    seconds: (performance.now() - begun) / 1000,
    latencies: exchanges.map(({ sentAt, endedAt }) => endedAt - sentAt),
    firstBytes: exchanges.map(({ sentAt, firstByteAt }) => firstByteAt - sentAt),
  };
}

/** Returns a reader that finds the timestamps in a stream, also across chunk boundaries. */
function stampReader(onStamp: (sentNs: bigint) => void): (piece: Buffer) => void {
  let rest = '';
  return (piece) => {
    const text = rest + piece.toString('latin1');
    let end = 0;
    for (const match of text.matchAll(STAMP)) {
      onStamp(BigInt(match[1] ?? 0));
      end = match.index + match[0].length;
    }
    rest = text.slice(end).slice(-64);
  };
}
