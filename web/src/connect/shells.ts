export const SHELLS = ['bash', 'fish', 'powershell'] as const;
export type Shell = (typeof SHELLS)[number];

export const SHELL_NAMES: Record<Shell, string> = {
  bash: 'bash, zsh',
  fish: 'fish',
  powershell: 'PowerShell',
};

/** Returns the line that sets an environment variable. */
export function setVariable(shell: Shell, name: string, value: string): string {
  switch (shell) {
    case 'bash':
      return `export ${name}=${value}`;
    case 'fish':
      return `set -gx ${name} ${value}`;
    case 'powershell':
      return `$env:${name} = "${value}"`;
  }
}
