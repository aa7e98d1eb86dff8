import { textBlock } from '../transcript/content-block';
import { firstWords } from './session-title';

const message = (role: string, ...texts: string[]) => ({
  role,
  blocks: texts.map((text) => textBlock(text)),
});

describe('the title of a session', () => {
  it.each<[string, ReturnType<typeof message>[], string | undefined]>([
    ['none', [], undefined],
    ['nothing of a user', [message('assistant', 'Hello')], undefined],
    ['the first text', [message('user', 'Fix the tests', 'and more')], 'Fix the tests'],
    [
      'one behind what the client adds',
      [message('user', '<system-reminder>x</system-reminder>', 'Fix it')],
      'Fix it',
    ],
    [
      'one in a later message',
      [message('user', ' '), message('assistant', 'no'), message('user', 'Go on')],
      'Go on',
    ],
    ['in one line', [message('user', '\n Fix\n\tthe  tests \n')], 'Fix the tests'],
    ['120 characters', [message('user', 'a'.repeat(120))], 'a'.repeat(120)],
    ['cut between characters', [message('user', '\u{1f600}'.repeat(121))], `${'\u{1f600}'.repeat(119)}…`],
  ])('%s', (_, messages, title) => {
    expect(firstWords({ messages })).toBe(title);
  });
});
