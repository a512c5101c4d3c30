/** The report of a quantized model. */
export { collectReport, piecesOf, type ReportOptions } from './collect.js';
export type { Quality, QualityFigure, ReportData } from './data.js';
export { renderReport } from './page.js';
export { measureSpeed, type Speed } from './speed.js';
