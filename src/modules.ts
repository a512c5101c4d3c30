/**
 * Modules that are large and that most programs never come to use, loaded at their first use: a program that only runs a
 * model keeps its memory small. (import() would do, but Jest does not take it.)
 */
/* eslint-disable @typescript-eslint/no-require-imports */
export const modules = {
  board: () => require('./link/board.js') as typeof import('./link/board.js'),
  crypto: () => require('node:crypto') as typeof import('node:crypto'),
  quantize: () => require('./quantize/index.js') as typeof import('./quantize/index.js'),
  referenceModel: () => require('./engine/reference/model.js') as typeof import('./engine/reference/model.js'),
};
