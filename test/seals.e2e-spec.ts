import { execFileSync } from 'node:child_process';
import crypto, { createHash, generateKeyPairSync, randomUUID, sign } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { LedgerRepository } from '../src/metering/ledger.repository';
import { digestOf, leafOf, nextHead, SealFacts, sealText, signedBytes } from '../src/seals/hash-chain';
import { EntryLine, SealLine } from '../src/seals/seal-lines';
import { Person, TestApp } from './support/app';
import { callRow } from './support/call-rows';
import { emptyDirectory, freshDatabase } from './support/database';
import { operate } from './support/operator';
import { newMember } from './support/people';
import { factsOf, linesOf, runScript, sealRecorded, Verdict } from './support/seals';
import { Ran } from './support/test-io';
import { contentWritten, keepContent, tracesOf } from './support/traces';
import { itOnPostgres } from './support/which-database';

type Lines = (EntryLine | SealLine)[];

const entryAt = (lines: Lines, seq: number): number =>
  lines.findIndex((line) => line.type === 'entry' && line.seq === seq);
const sealAt = (lines: Lines, nth: number): number =>
  lines.flatMap((line, index) => (line.type === 'seal' ? [index] : []))[nth]!;
const changedEntry = (lines: Lines, seq: number, change: (entry: EntryLine) => Partial<EntryLine>): Lines =>
  lines.map((line, index) =>
    index === entryAt(lines, seq) ? { ...(line as EntryLine), ...change(line as EntryLine) } : line,
  );
const changedSeal = (lines: Lines, nth: number, change: (seal: SealFacts) => Partial<SealFacts>): Lines =>
  lines.map((line, index) => {
    if (index !== sealAt(lines, nth)) return line;
    const facts = factsOf(line as SealLine);
    return { ...(line as SealLine), text: sealText({ ...facts, ...change(facts) }) };
  });
const without = (lines: Lines, from: number, to = from): Lines =>
  lines.filter((_, at) => at < from || at > to);
const cheaper = ({ record }: EntryLine): Partial<EntryLine> => ({
  record: record!.replace(/"cost_nano_usd":"\d+"/, '"cost_nano_usd":"1"'),
});
const resealed = (entry: EntryLine): Partial<EntryLine> => {
  const { record } = cheaper(entry);
  const digest = digestOf(record!);
  const leaf = leafOf(entry.subject!, digest).toString('hex');
  return { record: record!, record_sha256: digest.toString('hex'), leaf };
};

describe('the seals of calls and audit events', () => {
  let env: NodeJS.ProcessEnv;
  let app: TestApp;
  let ada: Person;
  let bob: Person;
  let orgId: string;
  let files: string;
  let honest: Lines;
  let keys: string;

  const file = (name: string, content: string): string => {
    writeFileSync(join(files, name), content);
    return join(files, name);
  };
  const textOf = (lines: Lines): string => lines.map((line) => `${JSON.stringify(line)}\n`).join('');
  const sealsFile = async ({ token, org }: Person = ada): Promise<string> =>
    (await app.api('GET', `orgs/${encodeURIComponent(org)}/seals.jsonl`, { token })).text();
  const record = async (...ids: string[]): Promise<void> => {
    const rows = ids.map((id) =>
      callRow({ id, user_id: ada.userId, org_id: orgId, cost_nano_usd: '5000000' }),
    );
    await app.app.get(LedgerRepository, { strict: false }).insert(rows);
  };
  const both = async (...args: string[]): Promise<[Ran, Verdict]> => {
    const [export_, keysFile, ...options] = args as [string, string, ...string[]];
    return Promise.all([
      operate(['verify-seals', '--file', export_, '--keys', keysFile, ...options], {}),
      runScript(export_, keysFile, ...options),
    ]);
  };

  beforeAll(async () => {
    files = await emptyDirectory();
    env = { ...(await freshDatabase()), TRACEVAULT_ENCRYPTION_KEY: Buffer.alloc(32, 7).toString('base64') };
    app = await TestApp.start({ env });
    ada = await app.signUp();
    bob = await newMember(app, ada.org, 'developer');
    [{ id: orgId }] = await app.dataSource.query('SELECT id FROM orgs WHERE name = $1', [ada.org]);
    await record('call-1', 'call-2', 'call-3');
    await sealRecorded(app);
    await record('call-4', 'call-5');
    await sealRecorded(app);
    await record('call-6');
    await sealRecorded(app);
    honest = linesOf(await sealsFile());
    keys = file('keys.json', await (await app.api('GET', 'seals/key')).text());
  });

  afterAll(async () => {
    await app.close();
  });

  it('are in a file that two checkers that know nothing of each other accept', async () => {
    const [command, script] = await both(file('honest.jsonl', textOf(honest)), keys);
    expect([command.code, command.out, command.err]).toEqual([
      0,
      expect.stringMatching(/^organization [\da-f-]{36}: \d+ entries, 3 seals, the last at \d{4}-.*Z\n$/),
      '',
    ]);
    expect([script.code, script.out]).toEqual([
      0,
      expect.stringMatching(/^\d+ entries \(0 without their record\), 3 seals, 1 chains, 0 faults\n$/),
    ]);
  });

  it('hold what the ledger and the audit trail say of each call and event, once', async () => {
    const records = honest.flatMap((line) =>
      line.type === 'entry' ? [JSON.parse(line.record!) as Record<string, unknown>] : [],
    );
    const calls = records.filter(({ kind }) => kind === 'call');
    expect(calls.map(({ id }) => id)).toEqual([1, 2, 3, 4, 5, 6].map((id) => `call-${id}`));
    expect(calls[0]).toMatchObject({
      ...{ user_id: ada.userId, org_id: orgId, provider: 'anthropic', model: 'claude-opus-4-8' },
      ...{ cost_nano_usd: '5000000', input_tokens: '0', request_sha256: null },
      at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/),
    });
    const actions = records.flatMap(({ kind, action }) => (kind === 'audit_event' ? [action] : []));
    const events = (await (
      await app.api('GET', `orgs/${encodeURIComponent(ada.org)}/audit-events?limit=100`, { token: ada.token })
    ).json()) as { action: string }[];
    expect(actions.sort()).toEqual(events.map(({ action }) => action).sort());
    expect(actions).toContain('registered');
  });

  it('are told to owners and admins, the last of them to be kept elsewhere; the keys to everybody', async () => {
    const path = `orgs/${encodeURIComponent(ada.org)}/seals`;
    const last = (await (await app.api('GET', path, { token: ada.token })).json()) as {
      entries: number;
      last: SealLine;
    };
    const entries = honest.filter(({ type }) => type === 'entry').length;
    expect([last.entries, last.last]).toEqual([entries, honest.at(-1)]);
    for (const one of [path, `${path}.jsonl`])
      expect((await app.api('GET', one, { token: bob.token })).status).toBe(403);
    const stranger = await app.signUp(null);
    expect((await app.api('GET', `${path}.jsonl`, { token: stranger.token })).status).toBe(404);
    const { keys: known } = JSON.parse(readFileSync(keys, 'utf8')) as { keys: { public_key: string }[] };
    expect(known).toHaveLength(1);
    expect(known[0]!.public_key).toMatch(/^-----BEGIN PUBLIC KEY-----\n/);
  });

  const foreign = generateKeyPairSync('ed25519');
  const CHEATS: readonly [string, (lines: Lines) => Lines, RegExp, RegExp?][] = [
    ['a cost is changed', (lines) => changedEntry(lines, lastCall(lines), cheaper), /entry \d+ was changed/],
    [
      'a cost is changed, and its hash with it',
      (lines) => changedEntry(lines, lastCall(lines), resealed),
      /do not add up to the seal of/,
    ],
    [
      'a cost is changed, and all hashes up to the seal, but for the signature',
      (lines) => {
        const changed = changedEntry(lines, lastCall(lines), resealed);
        const { leaf } = changed[entryAt(lines, lastCall(lines))] as EntryLine;
        return changedSeal(changed, 2, ({ previous_head }) => ({
          head: nextHead(Buffer.from(previous_head, 'hex'), Buffer.from(leaf, 'hex')).toString('hex'),
        }));
      },
      /signature is not valid/,
      /no valid signature/,
    ],
    ['an entry is left out', (lines) => without(lines, entryAt(lines, 2)), /entry 2 is left out/, /left out/],
    [
      'an entry without its record is said to be of another day',
      (lines) =>
        changedEntry(lines, 2, ({ subject }) => ({
          subject: subject!.replace(/"at":"\d{4}/, '"at":"2020'),
          record: null,
        })),
      /entry 2 was changed/,
    ],
    [
      'an entry is left out, and the others are numbered anew',
      (lines) =>
        without(lines, entryAt(lines, 1)).map((line) =>
          line.type === 'entry' ? { ...line, seq: line.seq - 1 } : line,
        ),
      /left out/,
    ],
    [
      'two entries change places',
      (lines) => {
        const [one, other] = [entryAt(lines, 1), entryAt(lines, 2)];
        return lines.map((line, at) => (at === one ? lines[other]! : at === other ? lines[one]! : line));
      },
      /not in their order/,
      /another order/,
    ],
    [
      'two records change places, with their hashes',
      (lines) => {
        const [one, other] = [1, 2].map((seq) => lines[entryAt(lines, seq)] as EntryLine);
        const swapped = changedEntry(lines, 1, () => ({ ...other!, seq: 1 }));
        return changedEntry(swapped, 2, () => ({ ...one!, seq: 2 }));
      },
      /do not add up/,
    ],
    [
      'an entry is made up',
      (lines) => {
        const at = sealAt(lines, 1);
        const one = lines[at - 1] as EntryLine;
        return [...lines.slice(0, at), { ...one, seq: one.seq + 1 }, ...lines.slice(at)];
      },
      /made up/,
    ],
    [
      'an entry comes twice',
      (lines) => lines.flatMap((line, at) => (at === entryAt(lines, 2) ? [line, line] : [line])),
      /comes twice/,
      /twice/,
    ],
    [
      'a seal is left out with its entries',
      (lines) => without(lines, sealAt(lines, 0) + 1, sealAt(lines, 1)),
      /and their seals are left out/,
      /are left out/,
    ],
    [
      'a seal is left out without its entries, so that two stretches look like one',
      (lines) => without(lines, sealAt(lines, 1)),
      /made up|left out/,
    ],
    [
      'seals change places',
      (lines) => {
        const [first, second] = [sealAt(lines, 0), sealAt(lines, 1)];
        return [
          ...lines.slice(first + 1, second + 1),
          ...lines.slice(0, first + 1),
          ...lines.slice(second + 1),
        ];
      },
      /left out|out of its order/,
    ],
    [
      'a seal is signed with another key',
      (lines) =>
        lines.map((line, at) =>
          at === sealAt(lines, 2)
            ? {
                ...(line as SealLine),
                signature: sign(null, signedBytes((line as SealLine).text), foreign.privateKey).toString(
                  'base64',
                ),
              }
            : line,
        ),
      /signature is not valid/,
      /no valid signature/,
    ],
    [
      'a seal names another key',
      (lines) => changedSeal(lines, 2, () => ({ key: randomUUID() })),
      /a key that does not count/,
      /no valid signature/,
    ],
    [
      'a seal is moved to another organization',
      (lines) =>
        changedSeal(
          lines.map((line) => (line.type === 'entry' ? { ...line, chain: ada.userId } : line)),
          0,
          () => ({ chain: ada.userId }),
        ),
      /signature is not valid/,
      /no valid signature/,
    ],
    [
      'what follows the last seal is made up',
      (lines) => [...lines, { ...(lines[0] as EntryLine), seq: 999 }],
      /in no seal/,
    ],
  ];
  /** The number of the entry of the last call, which is alone in its seal. */
  const lastCall = (lines: Lines): number => (lines.at(-2) as EntryLine).seq;

  it.each(CHEATS)('show it when %s', async (_, cheat, fault, inScript = fault) => {
    const [command, script] = await both(file('cheat.jsonl', textOf(cheat(honest))), keys);
    expect([command.code, command.out]).toEqual([1, expect.stringMatching(fault)]);
    expect([script.code, script.out]).toEqual([1, expect.stringMatching(inScript)]);
  });

  it('show a cut-off end to whoever knows a later seal', async () => {
    const cut = file('cut.jsonl', textOf(honest.slice(0, sealAt(honest, 1) + 1)));
    const path = `orgs/${encodeURIComponent(ada.org)}/seals`;
    const known = file('known.json', await (await app.api('GET', path, { token: ada.token })).text());
    expect((await both(cut, keys)).map(({ code }) => code)).toEqual([0, 0]);
    const [command, script] = await both(cut, keys, '--known', known);
    expect([command.code, command.out]).toEqual([1, expect.stringContaining('cut or written again')]);
    expect([script.code, script.out]).toEqual([1, expect.stringContaining('a known seal is not there')]);
  });

  it('are refused in words when a file is none of theirs', async () => {
    const none = file('none.jsonl', 'x\n');
    const ran = await operate(['verify-seals', '--file', none, '--keys', keys], {});
    expect([ran.code, ran.err]).toEqual([1, `Line 1 of ${none} is no line of an export of seals.\n`]);
    const wrong = await operate(['verify-seals', '--file', none, '--keys', none], {});
    expect([wrong.code, wrong.err]).toEqual([1, `${none} is not what GET /api/v1/seals/key returns.\n`]);
    const missing = await operate(['verify-seals', '--file', join(files, 'gone'), '--keys', keys], {});
    expect([missing.code, missing.err]).toEqual([1, expect.stringContaining("can't be used (ENOENT)")]);
    const empty = await operate(
      ['verify-seals', '--file', file('h.jsonl', textOf(honest)), '--keys', keys, '--known', file('e', '')],
      {},
    );
    expect([empty.code, empty.err]).toEqual([1, `${join(files, 'e')} holds no seal.\n`]);
    expect((await runScript(join(files, 'h.jsonl'), keys, '--known', join(files, 'e'))).code).toBe(1);
    expect((await runScript(join(files, 'h.jsonl'), keys, '--knwon', join(files, 'e'))).code).toBe(1);
    const half = await operate(['verify-seals', '--file', none], {});
    expect([half.code, half.err]).toEqual([2, expect.stringContaining('--keys')]);
  });

  it('come with the export of a trace, for its calls alone, and outlive its content', async () => {
    await keepContent(app, bob);
    app.upstream.answerWith((request, response) => {
      request.resume().on('end', () => response.writeHead(200, { 'content-type': 'text/plain' }).end('fine'));
    });
    const headers = { 'x-api-key': bob.token, 'x-claude-code-session-id': 's' };
    await app.storeKey(bob.token, `${app.provider.key.prefix}own`);
    const body = 'what was said';
    await (await fetch(`${app.proxyUrl}/v1/messages`, { method: 'POST', headers, body })).text();
    const [trace] = await tracesOf(app, bob, 1);
    await contentWritten(app);
    await record('call-of-ada');
    await sealRecorded(app);
    const seals = async (): Promise<string> => {
      const folder = await emptyDirectory();
      const { token } = bob;
      const tar = await app.api('GET', `me/traces/${trace!.id}/export?format=raw`, { token });
      execFileSync('tar', ['-xf', '-', '-C', folder], { input: Buffer.from(await tar.arrayBuffer()) });
      const names = readdirSync(join(folder, 'seals')).sort();
      return names.map((name) => readFileSync(join(folder, 'seals', name), 'utf8')).join('');
    };
    const before = await seals();
    const part = file('part.jsonl', before);
    expect((await both(part, keys, '--partial')).map(({ code }) => code)).toEqual([0, 0]);
    expect((await both(part, keys)).map(({ code }) => code)).toEqual([1, 1]); // it is not the whole chain
    const records = linesOf(before).flatMap((line) => (line.type === 'entry' ? [line.record] : []));
    const [own, ...others] = records.filter((text) => text !== null);
    expect([others, records.length > 1]).toEqual([[], true]);
    const digest = (text: string): string => createHash('sha256').update(text).digest('hex');
    expect(JSON.parse(own!)).toMatchObject({
      ...{ id: trace!.calls[0], user_id: bob.userId },
      ...{ request_sha256: digest(body), response_sha256: digest('fine') },
    });
    await app.api('DELETE', `me/traces/${trace!.id}`, { token: bob.token });
    expect(await seals()).toBe(before);
  });

  it('tell the bodies of a trace from those that passed, and name those that were redacted', async () => {
    app.upstream.answerWith((request, response) => {
      request.resume().on('end', () => response.writeHead(200, { 'content-type': 'text/plain' }).end('fine'));
    });
    const headers = { 'x-api-key': bob.token, 'x-claude-code-session-id': 'with bodies' };
    const secret = `ghp_${'aB3dE6gH9jK2mN5pQ8sT1vW4yZ7'.repeat(2).slice(0, 36)}`;
    for (const body of ['what was said', `the token is ${secret}`])
      await (await fetch(`${app.proxyUrl}/v1/messages`, { method: 'POST', headers, body })).text();
    const [trace] = await tracesOf(app, bob, 3);
    await contentWritten(app); // nothing has sealed them: the export does
    const folder = await emptyDirectory();
    const tar = await app.api('GET', `me/traces/${trace!.id}/export?format=raw`, { token: bob.token });
    execFileSync('tar', ['-xf', '-', '-C', folder], { input: Buffer.from(await tar.arrayBuffer()) });
    const names = readdirSync(join(folder, 'seals')).sort();
    const part = file(
      'with-bodies.jsonl',
      names.map((name) => readFileSync(join(folder, 'seals', name), 'utf8')).join(''),
    );
    const { calls } = JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8')) as {
      calls: { request: { file: string; redacted: boolean } }[];
    };
    expect(calls.map(({ request }) => request.redacted)).toEqual([false, true]);
    const [plain, marked] = calls.map(({ request }) => request.file) as [string, string];
    const check = () => both(part, keys, '--partial', '--bodies', folder);
    for (const { code, out } of await check()) {
      expect([code, out]).toEqual([0, expect.stringContaining(`redacted before it was kept: ${marked}\n`)]);
      expect(out).toContain('3 bodies as they passed, 1 redacted, 0 without a seal');
      expect(out).not.toContain(plain);
    }
    for (const [name, content] of [
      [plain, 'what was not said'],
      [marked, 'the token is [redacted:github_token]!'],
    ] as const) {
      const before = readFileSync(join(folder, name));
      writeFileSync(join(folder, name), content);
      for (const { code, out } of await check())
        expect([code, out]).toEqual([1, expect.stringMatching(/FAULT.*is not the request that passed/)]);
      writeFileSync(join(folder, name), before);
    }
    writeFileSync(join(folder, 'manifest.json'), 'none');
    expect((await check()).map(({ code }) => code)).toEqual([1, 1]);
    expect((await operate(['verify-seals', '--bodies', folder], env)).code).not.toBe(0);
  });

  it('wait when they can’t be written, and are made up for', async () => {
    await record('call-7');
    await app.dataSource.query('ALTER TABLE "seals" RENAME TO "seals_away"');
    await sealRecorded(app);
    expect(app.log).toContain('Calls and events could not be sealed; they wait for the next minute');
    await app.dataSource.query('ALTER TABLE "seals_away" RENAME TO "seals"');
    await sealRecorded(app);
    const whole = file('later.jsonl', await sealsFile());
    expect((await both(whole, keys)).map(({ code }) => code)).toEqual([0, 0]);
    expect(readFileSync(whole, 'utf8')).toContain('call-7');
  });

  it('are made in many turns of the event loop, so that no stream waits for all of them', async () => {
    const [calls, aTurn] = [200, 20];
    await sealRecorded(app);
    await record(...Array.from({ length: calls }, (_, index) => `many-${index}`));
    /** What is counted for each record at the least, and at most. */
    const spies = [
      { spy: jest.spyOn(crypto, 'createHash'), range: [3, 3] },
      { spy: jest.spyOn(JSON, 'stringify'), range: [50, 150] },
    ].map(({ spy, range: [least = 0, most = 0] }) => ({ spy, least, most, perTurn: [] as number[] }));
    let isOver = false;
    const turn = (): void => {
      for (const { spy, perTurn } of spies) {
        perTurn.push(spy.mock.calls.length);
        spy.mockClear();
      }
      if (!isOver) setImmediate(turn);
    };
    setImmediate(turn);
    await sealRecorded(app);
    isOver = true;
    for (const { spy, least, most, perTurn } of spies) {
      spy.mockRestore();
      expect(perTurn.reduce((sum, count) => sum + count, 0)).toBeGreaterThanOrEqual(calls * least);
      expect(Math.max(...perTurn)).toBeLessThanOrEqual(aTurn * most);
    }
  });

  itOnPostgres('are made by one server at a time', async () => {
    const other = await TestApp.start({ env });
    await record(...Array.from({ length: 450 }, (_, index) => `raced-${index}`));
    for (let waited = 0; waited < 10; waited++) await Promise.all([sealRecorded(app), sealRecorded(other)]);
    await other.close();
    const raced = file('raced.jsonl', await sealsFile());
    expect((await both(raced, keys)).map(({ code }) => code)).toEqual([0, 0]);
    const lines = readFileSync(raced, 'utf8').split('\n');
    expect(lines.filter((line) => line.includes('raced-'))).toHaveLength(450);
  });

  it('of the database are checked against its rows by a command', async () => {
    await sealRecorded(app);
    const known = file('kept.jsonl', await sealsFile());
    await app.close();
    const clean = await operate(['verify-seals', '--known', known], env);
    expect([clean.code, clean.err, clean.out]).toEqual([0, '', expect.not.stringContaining('FAULT')]);
    expect(clean.out).toContain('what belongs to no organization');
    const written = join(files, 'all.jsonl');
    expect(await operate(['export-seals', written], env)).toMatchObject({ code: 0, err: '' });
    expect((await both(written, keys, '--known', known)).map(({ code }) => code)).toEqual([0, 0]);
  });

  it('show what was done in the database behind their back', async () => {
    app = await TestApp.start({ env });
    const { dataSource } = app;
    const query = (sql: string, ...parameters: unknown[]): Promise<unknown> =>
      dataSource.query(sql, parameters);
    await query(`UPDATE calls SET cost_nano_usd = 1 WHERE id = 'call-1'`);
    await query(`DELETE FROM calls WHERE id = 'call-2'`);
    // As if it had been sealed again, and as if another one were past its retention.
    await query(
      `INSERT INTO seal_entries SELECT chain_id, 999999, kind, subject_id, at, record_sha256 FROM seal_entries WHERE subject_id = 'call-3'`,
    );
    await query(`DELETE FROM calls WHERE id = 'call-3'`);
    await query(`DELETE FROM calls WHERE id = 'call-5'`);
    await query(`UPDATE seal_entries SET at = '2020-01-01' WHERE subject_id = 'call-5'`);
    await query(
      `INSERT INTO calls SELECT (jsonb_populate_record(call, '{"id": "never-made"}')).* FROM calls AS call WHERE id = 'call-6'`,
    );
    await query('ALTER TABLE audit_events DISABLE TRIGGER audit_events_rows');
    await query(`DELETE FROM audit_events WHERE action = 'capture_enabled'`);
    await query('ALTER TABLE audit_events ENABLE TRIGGER audit_events_rows');
    await query(`INSERT INTO audit_events (action, actor_kind) VALUES ('signed_in', 'anonymous')`);
    // A call that the server itself prices again is sealed again.
    await query(`UPDATE calls SET cost_nano_usd = 2 WHERE id = 'call-4'`);
    await query(`INSERT INTO seal_queue SELECT at, 'call', id FROM calls WHERE id = 'call-4'`);
    await sealRecorded(app);
    await app.close();
    const found = await operate(['verify-seals', '--known', join(files, 'kept.jsonl')], env);
    expect([found.code, found.err]).toEqual([1, '8 faults: what was recorded is not what is here.\n']);
    for (const fault of [
      /FAULT {2}entry \d+ was changed/,
      /FAULT {2}call call-2 \(entry \d+\) was removed/,
      /FAULT {2}call never-made was never sealed: made up/,
      /FAULT {2}audit event [\da-f-]{36} \(entry \d+\) was removed/,
      /FAULT {2}audit event [\da-f-]{36} was never sealed: made up/,
      /FAULT {2}the entries do not add up to the seal of/,
      /FAULT {2}call call-5 \(entry \d+\) was removed/,
      /FAULT {2}chain [\da-f-]{36} has entries up to 999999 that are in no seal: made up/,
      /Sealed again, or to be, because they were repriced: 2\./,
    ])
      expect(found.out).toMatch(fault);
  });

  it('go on under another master key, and count for nothing under a key that never sealed them', async () => {
    const next = Buffer.alloc(32, 8).toString('base64');
    const rotating = {
      ...env,
      TRACEVAULT_ENCRYPTION_KEY: next,
      TRACEVAULT_ENCRYPTION_KEY_PREVIOUS: env.TRACEVAULT_ENCRYPTION_KEY,
    };
    expect(await operate(['rotate-keys'], rotating)).toMatchObject({ code: 0 });
    const rotated = await operate(['verify-seals'], { ...env, TRACEVAULT_ENCRYPTION_KEY: next });
    expect(rotated.err).toBe('8 faults: what was recorded is not what is here.\n');
    const other = { ...env, TRACEVAULT_ENCRYPTION_KEY: Buffer.alloc(32, 9).toString('base64') };
    expect((await operate(['verify-seals'], other)).out).toContain('signed with a key that does not count');
    expect((await operate(['verify-seals', '--keys', keys], other)).err).toBe(rotated.err);
    app = await TestApp.start({ env: { ...env, TRACEVAULT_ENCRYPTION_KEY: next } });
  });
});
