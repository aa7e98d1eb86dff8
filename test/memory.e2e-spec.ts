import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { IncomingMessage, request as httpRequest } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { freshDatabase } from './support/database';
import { FakeAnthropic } from './support/fake-anthropic';
import { runServer, signUpAt, TestProcess } from './support/process';
import { residentSet } from './support/process-facts';

/** `npm run soak` takes the sizes that count, minutes long; the tests take a tenth or less of them. */
const SOAK = process.env.SOAK !== undefined;
const MB = 1024 * 1024;
const TRANSFER = (SOAK ? 500 : 80) * MB;
const ABORTS = SOAK ? 10_000 : 500;
/** What a process may gain that holds nothing: buffers of sockets, pages of a young heap. */
const FLAT = 60 * MB;

describe(`memory (${SOAK ? 'soak' : 'short'})`, () => {
  let upstream: FakeAnthropic;
  let server: TestProcess;
  let url: string;
  let token: string;

  beforeAll(async () => {
    upstream = await FakeAnthropic.start();
    const env = {
      ...(await freshDatabase()),
      TRACEVAULT_ANTHROPIC_UPSTREAM: upstream.url,
      LOG_LEVEL: 'error',
    };
    ({ server, url } = await runServer(env));
    token = await signUpAt(url);
    await abortMany(100); // a warm process: code is compiled, pools are filled
  });
  afterAll(async () => {
    server.child.kill('SIGKILL');
    await upstream.close();
  });

  /** Resident set of the server's process, in bytes. */
  const resident = (): number => residentSet(server.child.pid ?? 0);
  const openFiles = (): number =>
    process.platform === 'linux' ? readdirSync(`/proc/${server.child.pid}/fd`).length : 0;

  /** The most it grew to while this ran, over what it was before. */
  async function growthDuring(work: () => Promise<void>): Promise<number> {
    const before = resident();
    let most = before;
    const watch = setInterval(() => (most = Math.max(most, resident())), 50);
    await work();
    clearInterval(watch);
    return Math.max(most, resident()) - before;
  }

  async function send(path: string, declared: boolean): Promise<{ status: number; body: string }> {
    const headers = { 'x-api-key': token, ...(declared && { 'content-length': TRANSFER }) };
    const request = httpRequest(`${url}/proxy/anthropic${path}`, { method: 'POST', headers });
    const answered = once(request, 'response') as Promise<[IncomingMessage]>;
    const chunk = Buffer.alloc(MB, 'a');
    for (let sent = 0; sent < TRANSFER; sent += chunk.length) {
      if (!request.write(chunk)) await once(request, 'drain');
    }
    request.end();
    const [response] = await answered;
    return { status: response.statusCode ?? 0, body: (await response.toArray()).join('') };
  }

  it.each([true, false])(
    `stays flat while ${TRANSFER / MB} MB go up (length declared: %s)`,
    async (declared) => {
      upstream.answerWith(async (request, response) => {
        let bytes = 0;
        for await (const chunk of request) bytes += (chunk as Buffer).length;
        response.end(String(bytes));
      });
      let answer = { status: 0, body: '' };
      const growth = await growthDuring(async () => {
        answer = await send('/v1/files', declared);
      });
      expect(answer).toEqual({ status: 200, body: String(TRANSFER) });
      expect(growth).toBeLessThan(FLAT);
    },
    600_000,
  );

  it(`stays flat while ${TRANSFER / MB} MB wait for a slow reader, and holds the upstream back`, async () => {
    let given = 0;
    upstream.answerWith(async (_request, response) => {
      const chunk = Buffer.alloc(MB / 4, 'b');
      response.writeHead(200, { 'content-length': TRANSFER });
      for (; given < TRANSFER && !response.destroyed; given += chunk.length) {
        if (!response.write(chunk)) await once(response, 'drain');
      }
      response.end();
    });
    let taken = 0;
    const growth = await growthDuring(async () => {
      const request = httpRequest(`${url}/proxy/anthropic/v1/files/big/content`, {
        headers: { 'x-api-key': token },
      }).end();
      const [response] = (await once(request, 'response')) as [IncomingMessage];
      await sleep(SOAK ? 10_000 : 1_000); // what a stalled reader does
      expect(given).toBeLessThan(20 * MB); // the rest waits at its source
      for await (const chunk of response) taken += (chunk as Buffer).length;
    });
    expect(taken).toBe(TRANSFER);
    expect(growth).toBeLessThan(FLAT);
  }, 600_000);

  /** Requests that are abandoned in each phase: before the head, in the stream, during the upload. */
  async function abortMany(count: number): Promise<void> {
    upstream.answerWith((request, response) => {
      request.resume();
      if (!request.url?.startsWith('/v1/silent')) response.write('event: ping\n\n');
    });
    const one = async (index: number): Promise<void> => {
      const [phase, method] = (
        [
          ['silent', 'GET'],
          ['stream', 'GET'],
          ['upload', 'POST'],
        ] as const
      )[index % 3]!;
      const path = `/v1/${phase}/${index}`; // its own, so that nobody takes another's arrival for theirs
      const request = httpRequest(`${url}/proxy/anthropic${path}`, {
        method,
        agent: false,
        headers: { 'x-api-key': token },
      });
      request.on('error', () => undefined);
      const arrival = upstream.arrivalOf(path);
      if (method === 'POST') request.write('the beginning');
      else request.end();
      const upstreamRequest = await arrival;
      request.destroy();
      await upstreamRequest.closed;
    };
    for (let done = 0; done < count; done += 20) {
      await Promise.all(Array.from({ length: Math.min(20, count - done) }, (_, index) => one(index)));
      upstream.requests.length = 0;
    }
  }

  it(`is flat after ${ABORTS} aborts, and so are open sockets`, async () => {
    const files = openFiles();
    await abortMany(Math.min(ABORTS, 2_000));
    const growth = await growthDuring(() => abortMany(ABORTS));
    expect(growth).toBeLessThan(FLAT);
    const deadline = Date.now() + 5_000;
    while (openFiles() > files + 5 && Date.now() < deadline) await sleep(50);
    expect(openFiles()).toBeLessThanOrEqual(files + 5);
    expect(server.errors).not.toContain('MaxListenersExceededWarning');
  }, 900_000);
});
