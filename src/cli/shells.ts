import { Io } from './io';

/** The shells for which `proxy info` prints lines; bash stands for zsh and sh too. */
export const SHELLS = ['bash', 'fish', 'powershell'] as const;
export type Shell = (typeof SHELLS)[number];

export function currentShell({ env }: Io): Shell {
  if (process.platform === 'win32') return 'powershell';
  return /\/fish$/.test(env.SHELL ?? '') ? 'fish' : 'bash';
}
