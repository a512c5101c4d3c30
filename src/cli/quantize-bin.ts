#!/usr/bin/env node
/** The `quantize` program: `linnet quantize` under a name of its own. */
import quantize from './commands/quantize.js';
import { runProcess } from './process.js';

void runProcess([quantize], ['quantize', ...process.argv.slice(2)], 'quantize');
