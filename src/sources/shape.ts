import { types } from 'node:util';

const NAMES = new Set(['TypeError', 'RangeError', 'SyntaxError', 'URIError']);

/**
 * True for what reading an answer of another shape than the provider's throws: a proxy, a cut connection or another server
 * at this address may answer anything, which is no defect of this program.
 */
export function isOfAnotherShape(error: unknown): error is Error {
  return types.isNativeError(error) && NAMES.has(error.name);
}
