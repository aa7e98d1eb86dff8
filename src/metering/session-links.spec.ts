import { brotliCompressSync, gzipSync } from 'node:zlib';
import { sessionIn, SessionLinkReader, SessionLinks } from './session-links';

const ID = '57a121ec-f78c-48c3-a745-e3036a3ecc33';
const OTHER = '00000000-0000-4000-8000-000000000000';
const NONE = { sessionId: undefined, previousId: undefined };

async function read(body: Buffer | string | object, coding?: string, size = 13): Promise<SessionLinks> {
  const isBytes = typeof body === 'string' || Buffer.isBuffer(body);
  const bytes = Buffer.from(isBytes ? body : JSON.stringify(body));
  const reader = new SessionLinkReader('messages', coding);
  for (let at = 0; at < bytes.length; at += size) {
    const chunk = Buffer.from(bytes.subarray(at, at + size));
    reader.chunk(chunk);
    chunk.fill('?'); // chunks are shared with the stream
  }
  return reader.links();
}
const userId = (user_id: unknown) => ({ messages: ['a', 'b'], metadata: { user_id } });

describe('the session in the id of a user', () => {
  it.each([
    [`user_${'0'.repeat(64)}_account_${OTHER}_session_${ID}`, ID],
    [`user_${'0'.repeat(64)}_account__session_${ID}`, ID],
    [`_session_${ID}`, ID],
    [`_session_${OTHER}_session_${ID}`, ID],
    [`_session_${ID.toUpperCase()}`, ID.toUpperCase()],
    [JSON.stringify({ device_id: 'd', account_uuid: '', session_id: ID }), ID],
    [`${'x'.repeat(1e6)}_session_${ID}`, ID],
    ['', undefined],
    ['user-123', undefined],
    [ID, undefined],
    [`session_${ID}`, undefined],
    [`_session_${ID} `, undefined],
    [`_session_${ID}\n`, undefined],
    [`_session_${ID}0`, undefined],
    [`_session_${ID.slice(1)}`, undefined],
    [`_session_${ID.replace('5', 'g')}`, undefined],
    [`_session_${ID.slice(0, -1)}\u0000`, undefined],
    [`_session_ ${ID}`, undefined],
    ['_session_', undefined],
    ['{', undefined],
    ['{}', undefined],
    ['{"session_id":7}', undefined],
    ['{"session_id":"one of mine"}', undefined],
    [`{"session_id":"${ID}"} `.padEnd(3_000), undefined],
    [`[{"session_id":"${ID}"}]`, undefined],
    [`{"a":{"session_id":"${ID}"}}`, undefined],
    [`{_session_${ID}`, undefined],
  ])('%#: %.80s is %s', (id, session) => {
    expect(sessionIn(id)).toBe(session);
  });

  it('is none without an id', () => {
    expect(sessionIn(undefined)).toBeUndefined();
  });
});

describe('what a body says of its session', () => {
  it('is read in pieces of any size, wherever it stands', async () => {
    const body = JSON.stringify({
      metadata: { other: [ID], user_id: `a_session_${ID}` },
      ...{ messages: [{ role: 'user', content: 'metadata' }], tools: [{ metadata: { user_id: 'no' } }] },
      previous_response_id: 'resp_1',
    });
    for (const size of [1, 5, 64, 1e6])
      expect(await read(body, undefined, size)).toEqual({
        ...{ sessionId: ID, previousId: 'resp_1', messages: 1, isWhole: true },
        lists: [expect.any(String)],
      });
  });

  it.each([
    ['previous_response_id', { previous_response_id: 'resp_1' }, 'resp_1'],
    ['the message before', { thread: { previous_message_id: 'msg_1' } }, 'msg_1'],
    ['both', { thread: { previous_message_id: 'msg_1' }, previous_response_id: 'resp_1' }, 'resp_1'],
    ['null', { previous_response_id: null }, undefined],
    ['nothing', { previous_response_id: '' }, undefined],
    ['a number', { previous_response_id: 7 }, undefined],
    ['a list', { previous_response_id: ['resp_1'] }, undefined],
    ['the longest text', { previous_response_id: 'r'.repeat(256) }, 'r'.repeat(256)],
    ['a text that is too long', { previous_response_id: 'r'.repeat(257) }, undefined],
    ['a control character', { previous_response_id: 'resp_\u0000' }, undefined],
    ['a mark that turns texts around', { previous_response_id: 'resp_\u202e1' }, undefined],
    ['a lone surrogate', '{"previous_response_id":"resp_\\ud800"}', undefined],
    ['an escaped text', '{"previous\\u005fresponse_id":"re\\u0073p_1"}', 'resp_1'],
    ['a member of something else', { input: { previous_response_id: 'resp_1' } }, undefined],
  ])('names the response before: %s', async (_, body, previousId) => {
    expect(await read(body)).toMatchObject({ ...NONE, previousId });
  });

  it.each([
    ['the last of two', `{"metadata":{"user_id":"_session_${OTHER}","user_id":"_session_${ID}"}}`, ID],
    ['the last of two objects', `{"metadata":{"user_id":"_session_${ID}"},"metadata":{}}`, undefined],
    ['no text', userId(7), undefined],
    ['an object', userId({ user_id: `_session_${ID}` }), undefined],
    ['in a list', { metadata: [{ user_id: `_session_${ID}` }] }, undefined],
    ['escaped', `{"metadata":{"user_id":"\\u005fsession_${ID.replaceAll('-', '\\u002d')}"}}`, ID],
  ])('names a session: %s', async (_, body, sessionId) => {
    expect(await read(body)).toMatchObject({ ...NONE, sessionId });
  });

  it.each([
    ['gzip', gzipSync],
    ['br', brotliCompressSync],
  ])('is read through %s', async (coding, compress) => {
    const compressed = compress(JSON.stringify(userId(`_session_${ID}`)));
    expect(await read(compressed, coding)).toMatchObject({ sessionId: ID, messages: 2, isWhole: true });
    const cut = await read(compressed.subarray(0, compressed.length - 12), coding);
    expect(cut.isWhole).toBe(false);
  });

  it.each([
    ['nothing', ''],
    ['no JSON', 'no JSON'],
    ['a text', `"_session_${ID}"`],
    ['a list', '[]'],
    ['bytes', Buffer.from([0, 255, 1])],
  ])('is nothing for a body of %s', async (_, body) => {
    expect(await read(body)).toMatchObject({ ...NONE, messages: 0, lists: [] });
  });

  it('is nothing in a coding that is not known', async () => {
    expect(await read(userId(`_session_${ID}`), 'unknown')).toMatchObject({ ...NONE, messages: 0 });
  });

  it('counts as far as it is there of a body that breaks off', async () => {
    const text = JSON.stringify({ metadata: { user_id: `_session_${ID}` }, messages: ['a', 'b', 'c'] });
    const cut = await read(text.slice(0, -4));
    expect(cut).toMatchObject({ sessionId: ID, messages: 2, isWhole: false });
    expect(cut.lists).toEqual((await read({ messages: ['a', 'b'] })).lists);
    expect(await read(`${text}}`, undefined, 1e6)).toMatchObject({ sessionId: ID });
  });

  it('is looked for in the first 32 MiB, of which 8 MiB of messages count, and not in a text of more than a MiB', async () => {
    const long = (length: number) => ({ role: 'user', content: 'x'.repeat(length) });
    const size = 65_536;
    const metadata = { user_id: `_session_${ID}` };
    const within = await read({ messages: [long(8e6), 'b'], metadata }, undefined, size);
    expect(within).toMatchObject({ sessionId: ID, messages: 2, isWhole: true });
    const more = await read({ messages: ['a', long(9e6), 'c'], metadata }, undefined, size);
    expect(more).toMatchObject({ sessionId: ID, messages: 1, isWhole: false });
    const beyond = await read({ messages: ['a', long(34e6)], metadata }, undefined, size);
    expect(beyond).toMatchObject({ ...NONE, messages: 1, isWhole: false });
    const ids = { previous_response_id: 'r'.repeat(5e6), metadata: { user_id: `_session_${ID}` } };
    expect(await read(ids, undefined, size)).toMatchObject({ ...NONE, isWhole: false });
  });
});
