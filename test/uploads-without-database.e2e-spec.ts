import { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { AuthCaches } from '../src/cache/auth-caches';
import { Person, TestApp } from './support/app';
import { BreakableNetwork } from './support/breakable-network';
import { freshDatabase } from './support/database';
import { DIALECTS_UNDER_TEST, ProviderUnderTest } from './support/providers';
import { isComplete, openSocket, readRaw } from './support/raw-http';
import { postgresOnly } from './support/which-database';

/** More than is written in these tests, so that it is them that decide when the body is whole. */
const LENGTH = 1_000;

const [ANTHROPIC] = DIALECTS_UNDER_TEST as [ProviderUnderTest];

/** A replica that has lost the database can't hear whose access ends on another one. */
postgresOnly('an upload on a replica that has lost the database', () => {
  let app: TestApp;
  let person: Person;
  let elsewhere: Client;
  let network: BreakableNetwork;
  let received: string;
  let isWhole: boolean;

  beforeAll(async () => {
    const env = await freshDatabase();
    network = await BreakableNetwork.to(env.DATABASE_URL!);
    app = await TestApp.start({ env: { ...env, DATABASE_URL: network.url } });
    elsewhere = new Client({ connectionString: env.DATABASE_URL });
    await elsewhere.connect();
    app.upstream.answerWith((request, response) => {
      [received, isWhole] = ['', false];
      request.on('data', (data: Buffer) => (received += data.toString()));
      request.on('end', () => {
        isWhole = true;
        response.end('an answer that is paid for');
      });
    });
  });
  beforeEach(async () => {
    person = await app.signUp();
    for (const { provider } of DIALECTS_UNDER_TEST)
      await app.storeKey(person.token, `${provider.key.prefix}0123456789`, provider.id);
    await until(() => caches().hasInvalidationFeed);
  });
  afterAll(async () => {
    await elsewhere.end();
    await app.close();
    await network.close();
  });

  const caches = (): AuthCaches => app.app.get(AuthCaches);

  async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
    const began = performance.now();
    while (!(await isSo())) {
      if (performance.now() - began > 10_000) throw new Error('Not within ten seconds');
      await sleep(5);
    }
  }

  /** Its beginning is at the upstream. */
  async function begin({ prefix, tokenHeader }: ProviderUnderTest): Promise<Socket> {
    const path = `/v1/messages?${Math.random()}`;
    const arrival = app.upstream.arrivalOf(path);
    const socket = await openSocket(app.port);
    const head = [`POST ${prefix}${path} HTTP/1.1`, 'host: a', tokenHeader(person.token).join(': ')];
    socket.write([...head, `content-length: ${LENGTH}`, '', '0'].join('\r\n'));
    await arrival;
    return socket;
  }

  /** Loses the database, and writes bit by bit for as long as anything goes up. @returns how much was written. */
  async function writeUntilHeld(socket: Socket): Promise<number> {
    network.cut();
    let written = 1;
    await until(async () => {
      socket.write(String(written % 10));
      written += 1;
      await sleep(100);
      return received.length < written;
    });
    expect(received.length).toBeGreaterThan(0);
    return written;
  }

  const rest = (written: number): string =>
    Array.from({ length: LENGTH - written }, (_, index) => (written + index) % 10).join('');

  it.each(DIALECTS_UNDER_TEST)(
    'to $name waits, and is refused when its caller’s access has ended meanwhile',
    async (row) => {
      const socket = await begin(row);
      const written = await writeUntilHeld(socket);
      await elsewhere.query('DELETE FROM auth_sessions WHERE user_id = $1', [person.userId]);
      socket.write(rest(written));
      network.fix();
      const { status, text } = await readRaw(socket, isComplete, 10_000);
      expect([status, isWhole]).toEqual([401, false]);
      expect(JSON.parse(text.slice(text.indexOf('\r\n\r\n')))).toEqual(
        row.envelope({
          type: 'authentication_error',
          message: expect.stringContaining('session has expired or was revoked'),
          requestId: new RegExp(`^${row.requestIdHeader}: (.*)\r$`, 'im').exec(text)?.[1],
        }),
      );
    },
  );

  it('waits, and goes on in order when access has not ended', async () => {
    const socket = await begin(ANTHROPIC);
    const written = await writeUntilHeld(socket);
    socket.write(rest(written));
    network.fix();
    expect((await readRaw(socket, isComplete, 10_000)).text).toContain('an answer that is paid for');
    expect(received).toBe(Array.from({ length: LENGTH }, (_, index) => index % 10).join(''));
  });
});
