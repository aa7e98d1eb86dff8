/** The shells that the command has lines for. */
export const SHELLS = ['bash', 'fish', 'powershell'] as const;
export type Shell = (typeof SHELLS)[number];

export function currentShell(): Shell {
  if (process.platform === 'win32') return 'powershell';
  return /\/fish$/.test(process.env.SHELL ?? '') ? 'fish' : 'bash';
}
