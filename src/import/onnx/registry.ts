/** The ONNX operators that can be imported. To add one: its file in ops/ and a line here. */
import { batchNorm } from './ops/batch-norm.js';
import { constantNode, constantOfShape, expand, shape, shapeArithmetic } from './ops/constant.js';
import { conv } from './ops/conv.js';
import { flatten, reshape, squeeze, transpose, unsqueeze } from './ops/layout.js';
import { add, gemm, matmul } from './ops/linear.js';
import { lstm } from './ops/lstm.js';
import type { Op } from './ops/op.js';
import { dropout, identity } from './ops/pass.js';
import { globalMaxPool, maxPool, reduceMax } from './ops/pool.js';
import { relu } from './ops/relu.js';
import { concat, gather, slice, split } from './ops/select.js';
import { softmax } from './ops/softmax.js';

export const OPS: ReadonlyMap<string, Op> = new Map<string, Op>([
  // layers
  ['BatchNormalization', batchNorm],
  ['Concat', concat],
  ['Conv', conv],
  ['Gather', gather],
  ['Gemm', gemm],
  ['GlobalMaxPool', globalMaxPool],
  ['LSTM', lstm],
  ['LogSoftmax', softmax],
  ['MatMul', matmul],
  ['MaxPool', maxPool],
  ['ReduceMax', reduceMax],
  ['Relu', relu],
  ['Softmax', softmax],
  ['Add', add],
  // plumbing
  ['Cast', identity],
  ['Constant', constantNode],
  ['ConstantOfShape', constantOfShape],
  ['Dropout', dropout],
  ['Expand', expand],
  ['Flatten', flatten],
  ['Identity', identity],
  ['Reshape', reshape],
  ['Shape', shape],
  ['Slice', slice],
  ['Split', split],
  ['Squeeze', squeeze],
  ['Transpose', transpose],
  ['Unsqueeze', unsqueeze],
  // on shapes only
  ...['Div', 'Equal', 'Mul', 'Sub', 'Where'].map((name): [string, Op] => [name, shapeArithmetic]),
]);
