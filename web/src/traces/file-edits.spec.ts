import { fileEditsOf } from './file-edits';

describe('what a tool changes in a file', () => {
  it.each<[string, object, ReturnType<typeof fileEditsOf>]>([
    [
      'Edit',
      { file_path: '/a.ts', old_string: 'a', new_string: 'b', replace_all: true },
      { path: '/a.ts', changes: [{ before: 'a', after: 'b' }] },
    ],
    [
      'MultiEdit',
      {
        file_path: '/a.ts',
        edits: [
          { old_string: 'a', new_string: 'b' },
          { old_string: 'c', new_string: '' },
        ],
      },
      {
        path: '/a.ts',
        changes: [
          { before: 'a', after: 'b' },
          { before: 'c', after: '' },
        ],
      },
    ],
    [
      'Write',
      { file_path: '/a.ts', content: 'all' },
      { path: '/a.ts', changes: [{ before: '', after: 'all' }] },
    ],
    [
      'the text editor',
      { command: 'str_replace', path: 'a', old_str: 'a', new_str: 'b' },
      { path: 'a', changes: [{ before: 'a', after: 'b' }] },
    ],
    [
      'the text editor’s new file',
      { command: 'create', path: 'a', file_text: 'x' },
      { path: 'a', changes: [{ before: '', after: 'x' }] },
    ],
    ['another tool with a content', { content: 'x' }, undefined],
    ['another tool with a path', { file_path: '/a.ts' }, undefined],
    ['fields of other types', { file_path: '/a.ts', old_string: 1, new_string: 'b' }, undefined],
    ['edits of which one is not understood', { file_path: '/a.ts', edits: [{ old_string: 'a' }] }, undefined],
    ['edits that are none', { file_path: '/a.ts', edits: [null, 'x'] }, undefined],
    ['no edits', { file_path: '/a.ts', edits: [] }, undefined],
  ])('%s', (_, input, edits) => {
    expect(fileEditsOf(JSON.stringify(input, null, 2))).toEqual(edits);
  });

  it.each([[null], [''], ['{"file_path": "/a", "old_str'], ['[]'], ['null'], ['"text"']])(
    'is not known of %j',
    (input) => {
      expect(fileEditsOf(input)).toBeUndefined();
    },
  );
});
