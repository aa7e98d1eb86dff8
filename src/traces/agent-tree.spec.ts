import { AgentCall, agentsOf } from './agent-tree';

const call = (name: string): AgentCall => {
  const [agentId, parentAgentId] = name.split('<');
  return { agentId: agentId || null, parentAgentId: parentAgentId ?? null };
};

/** The agents as texts: `id<parent calls [descendants]`. */
const tree = (...calls: string[]) =>
  agentsOf(calls.map(call)).map(
    ({ id, parentId, calls: own, descendants }) =>
      `${id ?? ''}<${parentId ?? ''} ${own.length} [${descendants.map((one) => one.id).join()}]`,
  );

describe('the agents of a session', () => {
  it.each<[string, string[], string[]]>([
    ['none', [], []],
    ['the main agent alone', ['', ''], ['< 2 []']],
    ['a subagent', ['', 'a', 'a', ''], ['< 2 [a]', 'a< 2 []']],
    ['parallel ones', ['', 'a', 'b', 'a'], ['< 1 [a,b]', 'a< 2 []', 'b< 1 []']],
    ['nested ones', ['', 'a', 'b<a', 'c<b'], ['< 1 [a,b,c]', 'a< 1 [b,c]', 'b<a 1 [c]', 'c<b 1 []']],
    ['one whose parent made no call', ['', 'c<b'], ['< 1 [c]', 'c< 1 []']],
    [
      'one below a parent that made no call',
      ['a', 'b<gone', 'gone<a', 'c<b'],
      ['a< 1 [gone,b,c]', 'b<gone 1 [c]', 'gone<a 1 [b,c]', 'c<b 1 []'],
    ],
    ['one that names its parent later', ['a', 'b', 'b<a'], ['a< 1 [b]', 'b<a 2 []']],
    ['one that is its own parent', ['a<a'], ['a< 1 []']],
    ['two that are each other’s', ['a<b', 'b<a', 'c<a'], ['a< 1 []', 'b< 1 []', 'c< 1 []']],
  ])('%s', (_, calls, expected) => {
    const lines = tree(...calls);
    expect(lines.map((line) => sorted(line))).toEqual(expected.map((line) => sorted(line)));
  });

  it('are told of thousands of nested ones, of which the deep ones are the main agent’s', () => {
    const calls = Array.from(
      { length: 5_000 },
      (_, index) => `a${index}${index > 0 ? `<a${index - 1}` : ''}`,
    );
    const agents = agentsOf(calls.map(call));
    expect(agents.map(({ parentId }) => parentId).slice(30, 35)).toEqual(['a29', 'a30', 'a31', null, null]);
    expect(agents.every(({ descendants }) => descendants.length <= 32)).toBe(true);
  });
});

/** The descendants have no order. */
function sorted(line: string): string {
  return line.replace(/\[(.*)\]/, (_, ids: string) => `[${ids.split(',').sort().join()}]`);
}
