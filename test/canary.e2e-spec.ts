import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ProviderKeyEntity } from '../src/credentials/provider-key.entity';
import { UserEntity } from '../src/auth/user.entity';
import { schema } from '../src/database/schema';
import { TestApp } from './support/app';
import { allArguments } from './support/process-facts';
import { freshDatabase } from './support/database';
import { PAGE_SHARE } from './support/page-session';
import { embeddedOnly } from './support/which-database';

const KEYS = ['sk-ant-CANARYfirst0123456789', 'sk-ant-CANARYsecond0123456789'];
const PASSWORD = 'CANARY password of ada';
const NEW_PASSWORD = 'CANARY other password';

/** The whole life of a session and a key, at debug level, and then a search for what must be nowhere. */
describe('secrets', () => {
  it('are in no log line, no error, no document, no row, no file and no process list', async () => {
    const database = await freshDatabase();
    const app = await TestApp.start({ env: database });
    const seen: string[] = [];
    const note = async (response: Response): Promise<Response> => {
      seen.push(
        response.clone().statusText,
        JSON.stringify([...response.headers]),
        await response.clone().text(),
      );
      return response;
    };

    const registered = await app.api('POST', 'auth/register', {
      body: { email: 'ada@example.com', password: PASSWORD, org_name: 'a' },
    });
    const { token: first } = (await registered.json()) as { token: string };
    const login = await app.api('POST', 'auth/login', {
      body: { email: 'ada@example.com', password: PASSWORD },
    });
    const { token } = (await login.json()) as { token: string };
    const created = await app.api('POST', 'orgs/a/api-keys', { token, body: { name: 'ci' } });
    const { key: orgKey } = (await created.json()) as { key: string };
    for (const key of KEYS) await note(await app.api('PUT', 'me/anthropic-key', { token, body: { key } }));
    const invited = await app.api('POST', 'orgs/a/invites', { token, body: { role: 'developer' } });
    const { code: invite } = (await invited.json()) as { code: string };
    const createdToken = await app.api('POST', 'me/proxy-tokens', { token, body: { name: 'ci' } });
    const { token: proxyToken, id } = (await createdToken.json()) as { token: string; id: string };
    const half = login.headers.get('set-cookie')!.split(';')[0]!;
    const share = login.headers.get(PAGE_SHARE)!;
    const halves = [half.split('=')[1]!, share];
    const begun = await app.api('POST', 'auth/device/authorize', { body: {} });
    const { device_code: deviceCode } = (await begun.json()) as { device_code: string };
    const tokens = [first, token, orgKey, invite, proxyToken, deviceCode];
    const secrets = [...KEYS, PASSWORD, NEW_PASSWORD, ...tokens, ...halves];

    const proxy = (path: string, headers: Record<string, string>, body?: string) =>
      fetch(app.proxyUrl + path, { headers, ...(body !== undefined && { method: 'POST', body }) });
    await note(await proxy('/v1/models', { 'x-api-key': token }));
    await note(await proxy('/v1/messages', { authorization: `Bearer ${token}` }, '{"model":"error-529"}'));
    await note(await proxy('/v1/models', { 'x-api-key': proxyToken }));
    await note(await proxy(`/v1/${proxyToken}?key=${proxyToken}`, { 'x-api-key': orgKey }));
    await note(await app.api('GET', 'me/proxy-tokens', { token: proxyToken }));
    await note(await app.api('GET', `me/proxy-tokens/${proxyToken}`, { token }));
    await note(await app.api('GET', 'me/proxy-tokens', { token }));
    await note(await app.api('DELETE', `me/proxy-tokens/${id}`, { token }));
    await note(await proxy('/v1/models', { 'x-api-key': proxyToken }));
    await note(await proxy('/v1/../x', { 'x-api-key': token }));
    await note(await proxy(`/v1/${token}?key=${KEYS[1]!}`, { 'x-api-key': orgKey }));
    await note(await proxy('/v1/models', { 'x-api-key': KEYS[0]! }));
    app.upstream.answerWith((request) => void request.socket.resetAndDestroy());
    await note(await proxy('/v1/models', { 'x-api-key': token }));
    app.upstream.answerWithDefault();
    await note(await app.api('GET', `nowhere/${token}?token=${token}`, { token }));
    await note(await app.api('GET', `nowhere/${deviceCode}`, { token }));
    await note(await app.api('GET', `nowhere/%74${token.slice(1)}`, { token }));
    await note(await app.api('PUT', 'me/anthropic-key', { token, body: { key: `${KEYS[0]!} x` } }));
    const check = 'me/anthropic-key?check=true';
    await note(await app.api('PUT', check, { token, body: { key: KEYS[1] } }));
    app.upstream.answerWith(({ headers }, response) => {
      const error = { type: 'authentication_error', message: `Nobody knows ${String(headers['x-api-key'])}` };
      response.writeHead(401).end(JSON.stringify({ type: 'error', error }));
    });
    await note(await app.api('PUT', check, { token, body: { key: KEYS[1] } }));
    app.upstream.answerWith((request) => void request.socket.resetAndDestroy());
    await note(await app.api('PUT', check, { token, body: { key: KEYS[1] } }));
    app.upstream.answerWithDefault();
    await note(await app.api('GET', 'me/anthropic-key', { token }));
    await note(await app.api('POST', 'auth/login', { body: `{"password":"${PASSWORD}"` }));
    await note(await app.api('GET', 'me/anthropic-key', { token: orgKey }));
    await note(await app.api('GET', 'auth/sessions', { token }));
    await note(await app.api('GET', 'auth/sessions', { headers: { cookie: half, [PAGE_SHARE]: share } }));
    await note(await app.api('GET', 'auth/sessions', { headers: { cookie: half } }));
    await note(await app.api('GET', 'auth/sessions', { headers: { cookie: half, [PAGE_SHARE]: 'x' } }));
    await note(await app.api('GET', 'orgs/a/api-keys', { token }));
    await note(await app.api('GET', 'orgs/a/invites', { token }));
    await note(
      await app.api('POST', 'auth/login', { body: { email: 'ada@example.com', password: NEW_PASSWORD } }),
    );
    const passwords = { current_password: PASSWORD, new_password: NEW_PASSWORD };
    await note(await app.api('PUT', 'auth/password', { token, body: passwords }));
    await note(await app.api('PUT', 'auth/password', { token, body: passwords }));
    for (const current_password of [PASSWORD, 7])
      await note(await app.api('POST', 'auth/me/delete', { token, body: { current_password } }));
    await note(await app.api('POST', 'invites/accept', { token, body: { invite } }));
    await note(await app.api('POST', 'invites/accept', { token, body: { invite: `code: ${invite}` } }));
    await note(await app.api('GET', 'me/audit-events', { token }));
    await note(await fetch(`${app.url}/api/docs-json`));
    const row = await app.dataSource.getRepository(ProviderKeyEntity).findOneByOrFail({});
    await app.dataSource.getRepository(ProviderKeyEntity).update(row.id, { nonce: Buffer.alloc(12) });
    await note(await proxy('/v1/models', { 'x-api-key': token }));

    const rows = await Promise.all(
      schema.entities.map((entity) => app.dataSource.getRepository<object>(entity).find()),
    );
    const dump = JSON.stringify(rows, (_, value) =>
      value?.type === 'Buffer' ? Buffer.from(value.data).toString('latin1') : value,
    );
    const processes = allArguments();
    await note(await app.api('POST', 'auth/logout', { token }));
    const user = await app.dataSource.getRepository(UserEntity).findOneByOrFail({});
    await app.close();

    const places = {
      log: app.log,
      answers: seen.join('\n'),
      dump,
      processes,
      files: await filesOf(database.TRACEVAULT_DATA_DIR),
    };
    for (const [place, text] of Object.entries(places)) {
      for (const secret of secrets) {
        const found =
          text.includes(secret) ||
          text.includes(secret.slice(4)) ||
          text.includes(Buffer.from(secret).toString('base64'));
        expect(`${place}: ${found ? `holds ${secret}` : 'clean'}`).toBe(`${place}: clean`);
      }
      expect(place === 'answers' ? text : '').not.toContain(user.passwordHash);
    }
    expect(app.log).toContain('"msg":"request"');
    expect(dump).toContain(user.email);
  });
});

embeddedOnly('the search itself', () => {
  it('finds what is there: the canary test can fail', async () => {
    const { TRACEVAULT_DATA_DIR: dataDir } = await freshDatabase();
    const app = await TestApp.start({ env: { TRACEVAULT_DATA_DIR: dataDir } });
    await app.dataSource.query(`UPDATE migrations SET name = 'CANARY-row' WHERE id = 1`);
    await app.close();
    expect(await filesOf(dataDir)).toContain('CANARY-row');
  });
});

async function filesOf(directory: string | undefined): Promise<string> {
  if (directory === undefined) return '';
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return (await Promise.all(files.map(async (file) => (await readFile(file)).toString('latin1')))).join('\n');
}
