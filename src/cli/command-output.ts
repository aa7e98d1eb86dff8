import { OutputConfiguration } from 'commander';
import { Io } from './io';

/** Where commander writes: help to stdout, errors to stderr. */
export function commandOutput({ stdout, stderr }: Io): OutputConfiguration {
  return {
    writeOut: (text) => stdout.write(text),
    writeErr: (text) => stderr.write(text),
    getOutHelpWidth: () => widthOf(stdout),
    getErrHelpWidth: () => widthOf(stderr),
  };
}

/** Returns the width in terminal columns; 80, commander's default, for a stream that is not a terminal. */
function widthOf({ isTTY, columns }: Io['stdout']): number {
  return (isTTY === true && columns) || 80;
}
