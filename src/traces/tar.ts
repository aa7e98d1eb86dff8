/** The size of a tar file's blocks, in bytes. */
const BLOCK = 512;
const MAX_NAME = 100;
/** The end of a tar file. */
export const TAR_END = Buffer.alloc(2 * BLOCK);

/**
 * Returns what stands before a file's bytes in a tar file (ustar, POSIX.1-1988). Written here, because the library for it
 * brings a whole file system along.
 * @param name of ASCII, with at most 100 characters.
 * @param size at most 8 GiB.
 * @throws RangeError for a longer name or a larger file.
 */
export function tarHeader(name: string, size: number, at: Date): Buffer {
  if (name.length > MAX_NAME || size >= 8 ** 11)
    throw new RangeError('The file does not fit into a tar file');
  const header = Buffer.alloc(BLOCK);
  const octal = (number: number, length: number) => `${number.toString(8).padStart(length - 1, '0')}\0`;
  header.write(name, 0, 'ascii');
  header.write(octal(0o600, 8), 100);
  header.write(octal(0, 8), 108); // the owner and the group
  header.write(octal(0, 8), 116);
  header.write(octal(size, 12), 124);
  header.write(octal(Math.floor(at.getTime() / 1000), 12), 136);
  header.write(' '.repeat(8), 148); // the checksum is computed as if it were blank
  header.write('0', 156); // a file
  header.write('ustar\0' + '00', 257);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return header;
}

/** Returns what stands behind a file's bytes. */
export function tarPadding(size: number): Buffer {
  return Buffer.alloc((BLOCK - (size % BLOCK)) % BLOCK);
}
