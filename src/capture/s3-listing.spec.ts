import { readListing } from './s3-listing';

const page = (keys: string[], rest = ''): string =>
  `<?xml version="1.0"?>\n<ListBucketResult xmlns="x"><Prefix>p/f/</Prefix>${keys
    .map((key) => `<Contents><Key>${key}</Key><Size>1</Size></Contents>`)
    .join('')}${rest}</ListBucketResult>`;

describe('a page of a list of objects', () => {
  it.each<[string, string, string[], string | undefined]>([
    ['has the names of packs', page(['p/f/a', 'p/f/b']), ['p/f/a', 'p/f/b'], undefined],
    ['may be empty', page([]), [], undefined],
    [
      'leads to the next one',
      page(
        ['p/f/a'],
        '<IsTruncated>true</IsTruncated><NextContinuationToken>1/a&amp;+=&lt;</NextContinuationToken>',
      ),
      ['p/f/a'],
      '1/a&+=<',
    ],
    [
      'leads nowhere when it is the last one',
      page([], '<IsTruncated>false</IsTruncated><NextContinuationToken>x</NextContinuationToken>'),
      [],
      undefined,
    ],
    ['has no names of others', page(['p/other/a', '../p/f/a', 'p/f/&lt;a&gt;', 'p/f/a b']), [], undefined],
    ['that is none has nothing', 'no XML', [], undefined],
  ])('%s', (_, xml, keys, next) => {
    expect(readListing(xml, 'p/f/')).toEqual({ keys, next });
  });
});
