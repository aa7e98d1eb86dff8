import type { Block, Message } from './content';
import { turnsOf } from './turns';

const block = (given: Partial<Block>): Block => ({
  ...{ type: 'text', text: null, name: null, tool_use_id: null, input: null },
  ...{ is_error: false, media_type: null, data: null, cut_from: null },
  ...given,
});
const text = (words: string) => block({ text: words });
const call = (id: string) => block({ type: 'tool_use', name: 'Bash', tool_use_id: id, input: '{}' });
const result = (id: string | null, words: string) =>
  block({ type: 'tool_result', tool_use_id: id, text: words });
const user = (...blocks: Block[]): Message => ({ role: 'user', blocks });
const assistant = (...blocks: Block[]): Message => ({ role: 'assistant', blocks });

/** What is said, in short: a call with its result as “id: words”. */
const shape = (messages: readonly Message[]) =>
  turnsOf(messages).map(({ role, parts }) => [
    role,
    ...parts.map(({ block, result }) =>
      block.type === 'tool_use' ? `${block.tool_use_id}: ${result?.text ?? '?'}` : block.text,
    ),
  ]);

describe('the messages of a call as turns', () => {
  it.each<[string, Message[], (string | null)[][]]>([
    ['are none without messages', [], []],
    [
      'have the results beside their calls, and no message of results alone',
      [assistant(text('Look'), call('a'), call('b')), user(result('b', 'B'), result('a', 'A'))],
      [['assistant', 'Look', 'a: A', 'b: B']],
    ],
    [
      'keep what else is in the message of the results',
      [assistant(call('a')), user(result('a', 'A'), text('and now?'))],
      [
        ['assistant', 'a: A'],
        ['user', 'and now?'],
      ],
    ],
    ['keep a result whose call was in a call before', [user(result('old', 'O'))], [['user', 'O']]],
    ['keep a call whose result is still to come', [assistant(call('a'))], [['assistant', 'a: ?']]],
    [
      'keep what has no id',
      [
        assistant(block({ type: 'tool_use', tool_use_id: null })),
        { role: 'tool', blocks: [result(null, 'N')] },
      ],
      [
        ['assistant', 'null: ?'],
        ['tool', 'N'],
      ],
    ],
    [
      'keep a second result of one call',
      [assistant(call('a')), user(result('a', 'A'), result('a', 'again'))],
      [
        ['assistant', 'a: A'],
        ['user', 'again'],
      ],
    ],
    ['keep a message without anything', [user()], [['user']]],
  ])('%s', (_, messages, turns) => {
    expect(shape(messages)).toEqual(turns);
  });
});
