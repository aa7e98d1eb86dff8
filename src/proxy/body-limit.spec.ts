import { ANTHROPIC } from '../providers/anthropic';
import { bodyLimit } from './body-limit';

describe('bodyLimit', () => {
  it.each([
    ['/v1/messages', 32],
    ['/v1/messages?beta=true', 32],
    ['/v1/messages/batches', 256],
    ['/v1/messages/batches?beta=true', 256],
    ['/v1/messages/batches/b_1/cancel', 256],
    ['/v1/messages/batches2', 32],
    ['/v1/files', 500],
    ['/v1/files?x=/v1/messages', 500],
    ['/v1/FILES', 32],
    ['//v1/files', 32],
    ['/', 32],
  ])('%s: %i MiB', (path, mebibytes) => {
    expect(bodyLimit(ANTHROPIC.bodyLimits, path)).toBe(mebibytes * 1024 * 1024);
  });
});
