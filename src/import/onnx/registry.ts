/** THE list of ONNX operators that can be imported. */
import { activation } from './ops/activation.js';
import { arithmetic, ofShapes } from './ops/arithmetic.js';
import { batchNorm } from './ops/batch-norm.js';
import { concat } from './ops/concat.js';
import { constantNode, constantOfShape, expand, shape } from './ops/constant.js';
import { conv, convTranspose } from './ops/conv.js';
import { gru } from './ops/gru.js';
import { flatten, reshape, squeeze, transpose, unsqueeze } from './ops/layout.js';
import { gemm, matmul } from './ops/linear.js';
import { lstm } from './ops/lstm.js';
import type { Op } from './ops/op.js';
import { pad } from './ops/pad.js';
import { dropout, identity } from './ops/pass.js';
import { globalPool, pool } from './ops/pool.js';
import { reduce } from './ops/reduce.js';
import { rnn } from './ops/rnn.js';
import { gather, split } from './ops/select.js';
import { slice } from './ops/slice.js';
import { softmax } from './ops/softmax.js';

export const OPS: ReadonlyMap<string, Op> = new Map<string, Op>([
  // layers
  ['Add', arithmetic('add')],
  ['AveragePool', pool('average')],
  ['BatchNormalization', batchNorm],
  ['Concat', concat],
  ['Conv', conv],
  ['ConvTranspose', convTranspose],
  ['Div', arithmetic('div')],
  ['GRU', gru],
  ['Gather', gather],
  ['Gemm', gemm],
  ['GlobalAveragePool', globalPool('average')],
  ['GlobalLpPool', globalPool('lp')],
  ['GlobalMaxPool', globalPool('max')],
  ['LSTM', lstm],
  ['LogSoftmax', softmax],
  ['LpPool', pool('lp')],
  ['MatMul', matmul],
  ['MaxPool', pool('max')],
  ['Mul', arithmetic('mul')],
  ['RNN', rnn],
  ['ReduceL1', reduce('lp', 1)],
  ['ReduceL2', reduce('lp', 2)],
  ['ReduceMax', reduce('max')],
  ['ReduceMean', reduce('average')],
  ['Relu', activation('relu')],
  ['Sigmoid', activation('sigmoid')],
  ['Softmax', softmax],
  ['Sub', arithmetic('sub')],
  ['Tanh', activation('tanh')],
  // plumbing
  ['Cast', identity],
  ['Constant', constantNode],
  ['ConstantOfShape', constantOfShape],
  ['Dropout', dropout],
  ['Expand', expand],
  ['Flatten', flatten],
  ['Identity', identity],
  ['Pad', pad],
  ['Reshape', reshape],
  ['Shape', shape],
  ['Slice', slice],
  ['Split', split],
  ['Squeeze', squeeze],
  ['Transpose', transpose],
  ['Unsqueeze', unsqueeze],
  // on shapes only
  ['Equal', ofShapes],
  ['Where', ofShapes],
]);
