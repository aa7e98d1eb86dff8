import { Agent, agentLines, Shell } from './agent-lines';

const baseUrl = 'http://127.0.0.1:3000/proxy/anthropic';

describe('the lines for an agent', () => {
  it.each<[Agent, Shell, string[]]>([
    [
      'claude-code',
      'bash',
      [`export ANTHROPIC_BASE_URL=${baseUrl}`, 'export ANTHROPIC_API_KEY=tvs_1', 'claude'],
    ],
    [
      'claude-code',
      'fish',
      [`set -gx ANTHROPIC_BASE_URL ${baseUrl}`, 'set -gx ANTHROPIC_API_KEY tvs_1', 'claude'],
    ],
    [
      'gsd',
      'powershell',
      [`$env:ANTHROPIC_BASE_URL = "${baseUrl}"`, '$env:ANTHROPIC_API_KEY = "tvs_1"', 'gsd'],
    ],
    ['sdks', 'bash', [`export ANTHROPIC_BASE_URL=${baseUrl}`, 'export ANTHROPIC_API_KEY=tvs_1']],
    ['cursor', 'bash', ['Anthropic API key: tvs_1', `Base URL:          ${baseUrl}`]],
  ])('%s in %s', (agent, shell, lines) => {
    expect(agentLines(agent, { shell, baseUrl, token: 'tvs_1' }).split('\n')).toEqual(lines);
  });

  it('have a gap where there is no token yet', () => {
    expect(agentLines('sdks', { shell: 'bash', baseUrl, token: undefined })).toContain(
      'ANTHROPIC_API_KEY=tvp_…',
    );
  });
});
