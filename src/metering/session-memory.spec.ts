import { ConversationScope, SessionMemory } from './session-memory';

const MINUTE = 60_000;
const scope: ConversationScope = { userId: 'u', orgId: 'o', clientKind: 'c', proxyTokenId: 't' };
const STRANGERS: [string, ConversationScope][] = [
  ['user', { ...scope, userId: 'v' }],
  ['organization', { ...scope, orgId: null }],
  ['kind of client', { ...scope, clientKind: 'd' }],
];

describe('the memory of sessions', () => {
  it('knows in which session an answer was given', () => {
    const memory = new SessionMemory();
    memory.rememberAnswer(scope, 'resp_1', 'one');
    memory.rememberAnswer(scope, 'resp_2', 'two');
    expect(['resp_1', 'resp_2', 'resp_3'].map((id) => memory.sessionOfAnswer(scope, id))).toEqual([
      'one',
      'two',
      undefined,
    ]);
    expect(memory.sessionOfAnswer({ ...scope, proxyTokenId: null } as ConversationScope, 'resp_1')).toBe(
      'one',
    );
  });

  it.each(STRANGERS)('keeps the sessions of another %s apart', (_, other) => {
    const memory = new SessionMemory();
    memory.rememberAnswer(scope, 'resp_1', 'one');
    memory.rememberConversation(scope, 'a', 'one');
    expect(memory.sessionOfAnswer(other, 'resp_1')).toBeUndefined();
    expect(memory.sessionOfConversation(other, ['a', 'b'])).toBeUndefined();
  });

  it('keeps the conversations of another token apart', () => {
    const memory = new SessionMemory();
    memory.rememberConversation(scope, 'a', 'one');
    expect(memory.sessionOfConversation({ ...scope, proxyTokenId: null }, ['a'])).toBeUndefined();
  });

  it('takes the longest beginning of a conversation, and the latest session with it', () => {
    const memory = new SessionMemory();
    memory.rememberConversation(scope, 'a', 'one');
    memory.rememberConversation(scope, 'ab', 'two');
    expect(memory.sessionOfConversation(scope, ['a', 'ab', 'abc'])).toBe('two');
    expect(memory.sessionOfConversation(scope, ['a', 'ax'])).toBe('one');
    memory.rememberConversation(scope, 'a', 'three');
    expect(memory.sessionOfConversation(scope, ['a', 'ax'])).toBe('three');
    expect(memory.sessionOfConversation(scope, ['x'])).toBeUndefined();
    expect(memory.sessionOfConversation(scope, [])).toBeUndefined();
  });

  it('forgets a conversation that has rested for more than half an hour', () => {
    const clock = { time: 1, now: () => clock.time };
    const memory = new SessionMemory(clock);
    memory.rememberConversation(scope, 'a', 'one');
    clock.time += 29 * MINUTE;
    expect(memory.sessionOfConversation(scope, ['a'])).toBe('one');
    clock.time += 29 * MINUTE;
    expect(memory.sessionOfConversation(scope, ['a'])).toBe('one'); // it went on
    clock.time += 31 * MINUTE;
    expect(memory.sessionOfConversation(scope, ['a'])).toBeUndefined();
  });

  it('has a maximum of conversations for each token, and of answers', () => {
    const memory = new SessionMemory();
    for (let index = 0; index <= 200; index++) memory.rememberConversation(scope, `${index}`, 's');
    expect(memory.sessionOfConversation(scope, ['0'])).toBeUndefined();
    expect(memory.sessionOfConversation(scope, ['1'])).toBe('s');
    memory.rememberConversation({ ...scope, proxyTokenId: 'other' }, 'x', 's');
    expect(memory.sessionOfConversation(scope, ['2'])).toBe('s');
    for (let index = 0; index <= 20_000; index++) memory.rememberAnswer(scope, `${index}`, 's');
    expect(memory.sessionOfAnswer(scope, '0')).toBeUndefined();
    expect(memory.sessionOfAnswer(scope, '1')).toBe('s');
  });
});
