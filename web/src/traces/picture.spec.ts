import type { Block } from './content';
import { bytesIn, pictureUrl } from './picture';

const block = (given: Partial<Block>): Block => ({
  ...{ type: 'image', text: null, name: null, tool_use_id: null, input: null },
  ...{ is_error: false, media_type: 'image/png', data: 'iVBORw0KGgo=', cut_from: null },
  ...given,
});

describe('a picture in a message', () => {
  it.each(['image/png', 'image/jpeg', 'image/gif', 'image/webp'])('of type %s is shown', (media_type) => {
    expect(pictureUrl(block({ media_type }))).toBe(`data:${media_type};base64,iVBORw0KGgo=`);
  });

  it.each<Partial<Block>>([
    { media_type: 'image/svg+xml' },
    { media_type: 'text/html' },
    { media_type: 'image/png,<script>' },
    { media_type: 'IMAGE/PNG' },
    { media_type: null },
    { data: null },
    { data: '' },
    { data: 'a b' },
    { data: 'https://example.com/x.png' },
    { type: 'document' },
  ])('is not shown with %j', (given) => {
    expect(pictureUrl(block(given))).toBeUndefined();
  });

  it.each([
    ['', 0],
    ['QQ==', 1],
    ['QUI=', 2],
    ['QUJD', 3],
  ])('has as many bytes as are in %j', (data, bytes) => {
    expect(bytesIn(data)).toBe(bytes);
  });
});
