import { OutputConfiguration } from 'commander';
import { Io } from './io';

/** Where commander writes: help to stdout, faults to stderr. */
export function commandOutput({ stdout, stderr }: Io): OutputConfiguration {
  return {
    writeOut: (text) => stdout.write(text),
    writeErr: (text) => stderr.write(text),
    getOutHelpWidth: () => widthOf(stdout),
    getErrHelpWidth: () => widthOf(stderr),
  };
}

/** In columns; commander takes 80 for what is no terminal. */
function widthOf({ isTTY, columns }: Io['stdout']): number {
  return (isTTY === true && columns) || 80;
}
