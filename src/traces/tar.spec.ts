import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TAR_END, tarHeader, tarPadding } from './tar';

const AT = new Date('2026-11-28T12:00:00.900Z');

describe('a tar file', () => {
  it('is one that tar unpacks', () => {
    const files = new Map([
      ['empty', ''],
      ['calls/one/request.bin', 'x'.repeat(511)],
      ['calls/one/response.bin', 'x'.repeat(512)],
      [`${'n'.repeat(96)}.bin`, 'x'.repeat(513)],
    ]);
    const parts = [...files].flatMap(([name, text]) => [
      tarHeader(name, text.length, AT),
      Buffer.from(text),
      tarPadding(text.length),
    ]);
    const folder = mkdtempSync(join(tmpdir(), 'tracevault-tar-'));
    try {
      execFileSync('tar', ['-xf', '-', '-C', folder], { input: Buffer.concat([...parts, TAR_END]) });
      for (const [name, text] of files) expect(readFileSync(join(folder, name), 'utf8')).toBe(text);
      expect(statSync(join(folder, 'empty')).mtime).toEqual(new Date('2026-11-28T12:00:00Z'));
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('holds no name that is too long', () => {
    expect(() => tarHeader('n'.repeat(101), 0, AT)).toThrow(RangeError);
  });
});
