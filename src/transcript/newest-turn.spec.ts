import { UsageFormat } from '../providers/metered-endpoint';
import { newestTurn } from './newest-turn';

const turn = (format: UsageFormat, body: object): unknown => {
  const text = newestTurn(format, Buffer.from(JSON.stringify(body)));
  return text?.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line) as unknown]));
};
const said = (role: string, content: string) => ({ role, content });

describe('the newest turn of a request', () => {
  it.each<[string, UsageFormat, object, object[]]>([
    ['all of a first one', 'messages', { system: 's', messages: [said('user', 'a')] }, [said('user', 'a')]],
    [
      'all behind the last words of the model',
      'messages',
      { messages: [said('user', 'a'), said('assistant', 'b'), said('user', 'c'), said('user', 'd')] },
      [said('user', 'c'), said('user', 'd')],
    ],
    [
      'what is before words that it is to go on from',
      'messages',
      { messages: [said('user', 'a'), said('assistant', 'b'), said('user', 'c'), said('assistant', '{')] },
      [said('user', 'c')],
    ],
    [
      'without those who set the agent up',
      'chat_completions',
      { messages: [said('system', 's'), said('developer', 'd'), said('user', 'a')] },
      [said('user', 'a')],
    ],
    [
      'the results of tools in Chat Completions',
      'chat_completions',
      { messages: [said('user', 'a'), said('assistant', 'b'), { ...said('tool', 'r'), tool_call_id: 'x' }] },
      [{ ...said('tool', 'r'), tool_call_id: 'x' }],
    ],
    [
      'the results of tools in Responses',
      'responses',
      {
        input: [
          said('user', 'a'),
          { type: 'function_call', call_id: 'x', name: 'f', arguments: '{}' },
          { type: 'function_call_output', call_id: 'x', output: 'r' },
        ],
      },
      [{ type: 'function_call_output', call_id: 'x', output: 'r' }],
    ],
    ['a text alone', 'responses', { input: 'a', previous_response_id: 'r' }, [said('user', 'a')]],
    [
      'that of generateContent',
      'generate_content',
      { contents: [{ parts: [{ text: 'a' }] }, { role: 'model', parts: [] }, { parts: [{ text: 'b' }] }] },
      [{ parts: [{ text: 'b' }] }],
    ],
    ['nothing where only the model speaks', 'messages', { messages: [said('assistant', 'a')] }, []],
  ])('is %s', (_, format, body, expected) => {
    expect(turn(format, body)).toEqual(expected);
  });

  it.each<[UsageFormat, string]>([
    ['messages', 'no JSON'],
    ['messages', '{"model":"m"}'],
    ['none', '{"messages":[]}'],
    ['batch_results', '{"messages":[]}'],
  ])('is unknown in %s of %s', (format, body) => {
    expect(newestTurn(format, Buffer.from(body))).toBeUndefined();
  });
});
