/** ONNX Runtime in a process of its own: it does not take Jest's typed arrays for typed arrays. */
import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { join } from 'node:path';
import { createInterface, type Interface } from 'node:readline';

export interface Feed {
  readonly type: 'int64' | 'float32';
  readonly dims: readonly number[];
  readonly data: readonly number[];
}

const CHILD = `
  const { InferenceSession, Tensor } = require('onnxruntime-node');
  // Its optimizer joins Pad and MaxPool into what it then refuses.
  const options = { intraOpNumThreads: 1, logSeverityLevel: 3, graphOptimizationLevel: 'disabled' };
  const answer = async ({ model, feeds }) => {
    const session = await InferenceSession.create(Buffer.from(model, 'base64'), options);
    const tensors = {};
    for (const [name, { type, dims, data }] of Object.entries(feeds))
      tensors[name] = new Tensor(type, type === 'int64' ? BigInt64Array.from(data, BigInt) : Float32Array.from(data), dims);
    const outputs = await session.run(tensors);
    return { data: [...outputs[session.outputNames[0]].data] };
  };
  require('node:readline').createInterface({ input: process.stdin }).on('line', async (line) => {
    const result = await answer(JSON.parse(line)).catch((error) => ({ error: error.message }));
    console.log(JSON.stringify(result));
  });`;

export class OnnxRuntime {
  private readonly child: ChildProcessWithoutNullStreams;
  private readonly lines: Interface;

  constructor() {
    this.child = spawn(process.execPath, ['-e', CHILD], { cwd: join(__dirname, '../../..') });
    this.lines = createInterface({ input: this.child.stdout });
  }

  /** The model's first output, row-major. */
  async run(model: Uint8Array, feeds: Readonly<Record<string, Feed>>): Promise<number[]> {
    const line = new Promise<string>((resolve) => this.lines.once('line', resolve));
    this.child.stdin.write(JSON.stringify({ model: Buffer.from(model).toString('base64'), feeds }) + '\n');
    const { data, error } = JSON.parse(await line) as { data?: number[]; error?: string };
    if (!data) throw new Error(`ONNX Runtime: ${error}`);
    return data;
  }

  close(): void {
    this.child.kill();
  }
}
