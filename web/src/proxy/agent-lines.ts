/** The agents for which there are lines that configure them for the proxy. */
export const AGENTS = ['claude-code', 'sdks', 'gsd', 'cursor'] as const;
export type Agent = (typeof AGENTS)[number];

export const AGENT_NAMES: Record<Agent, string> = {
  'claude-code': 'Claude Code',
  sdks: 'SDKs',
  gsd: 'GSD',
  cursor: 'Cursor',
};

export const SHELLS = ['bash', 'fish', 'powershell'] as const;
export type Shell = (typeof SHELLS)[number];

export const SHELL_NAMES: Record<Shell, string> = {
  bash: 'bash, zsh',
  fish: 'fish',
  powershell: 'PowerShell',
};

/** The placeholder for a token that is not created yet. */
const NO_TOKEN = 'tvp_…';

interface Connection {
  readonly shell: Shell;
  readonly baseUrl: string;
  readonly token: string | undefined;
}

/** Returns the lines to copy: shell lines, or for Cursor the two values of its settings. */
export function agentLines(agent: Agent, { shell, baseUrl, token = NO_TOKEN }: Connection): string {
  const variables = [
    variable(shell, 'ANTHROPIC_BASE_URL', baseUrl),
    variable(shell, 'ANTHROPIC_API_KEY', token),
  ];
  switch (agent) {
    case 'claude-code':
      return [...variables, 'claude'].join('\n');
    case 'gsd':
      return [...variables, 'gsd'].join('\n');
    case 'sdks':
      return variables.join('\n');
    case 'cursor':
      return [`Anthropic API key: ${token}`, `Base URL:          ${baseUrl}`].join('\n');
  }
}

function variable(shell: Shell, name: string, value: string): string {
  switch (shell) {
    case 'bash':
      return `export ${name}=${value}`;
    case 'fish':
      return `set -gx ${name} ${value}`;
    case 'powershell':
      return `$env:${name} = "${value}"`;
  }
}
