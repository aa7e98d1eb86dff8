import { deepFreeze } from '../config/deep-freeze';
import { geminiRow } from './gemini-dialect';
import { Provider } from './provider';

const ROW = geminiRow({
  id: 'gemini',
  name: 'Gemini',
  origin: 'https://generativelanguage.googleapis.com',
  key: { called: 'a Gemini key', prefix: 'AIza', otherKinds: [] },
});

/** The row of Google's Gemini API. */
export const GEMINI: Provider = deepFreeze({
  ...ROW,
  wrongBaseUrl: { ...ROW.wrongBaseUrl, atRoot: ['/v1beta', '/v1alpha', '/upload/v1beta'] },
});
