/** A checkpoint's way through torch.onnx. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { ROOT } from './linnet.js';

/** @returns the .onnx file in `folder`, or undefined where Debian's python3-torch and python3-onnx are not installed */
export function exportOnnx(checkpoint: string, folder: string): string | undefined {
  const path = join(folder, 'model.onnx');
  const script = join(ROOT, 'models', 'train', 'export_onnx.py');
  const { status, stderr, error } = spawnSync('/usr/bin/python3', [script, checkpoint, path], { encoding: 'utf8' });
  if (status === 0) return path;
  if (error || /No module named/.test(stderr)) return undefined;
  throw new Error(`${checkpoint}: ${stderr.trim().split('\n').at(-1)}`);
}
