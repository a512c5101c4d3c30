#!/usr/bin/env node
/** The `linnet` program: the list of commands, and nothing else. */
import bench from './commands/bench.js';
import boards from './commands/boards.js';
import chat from './commands/chat.js';
import classify from './commands/classify.js';
import evaluate from './commands/eval.js';
import flash from './commands/flash.js';
import generate from './commands/generate.js';
import inspect from './commands/inspect.js';
import quantize from './commands/quantize.js';
import upload from './commands/upload.js';
import { runProcess } from './process.js';

export const COMMANDS = [quantize, inspect, evaluate, generate, classify, boards, flash, upload, chat, bench];

if (require.main === module) void runProcess(COMMANDS, process.argv.slice(2));
