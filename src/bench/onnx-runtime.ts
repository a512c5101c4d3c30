/** The peer, onnxruntime-node: of this project a development dependency, so an installed package may lack it. */
import type * as OnnxRuntime from 'onnxruntime-node';

export type { InferenceSession, Tensor } from 'onnxruntime-node';
export type Peer = typeof OnnxRuntime;

/** undefined if it is not installed. */
export async function findPeer(): Promise<Peer | undefined> {
  try {
    return (await import('onnxruntime-node')) as Peer;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'MODULE_NOT_FOUND') return undefined;
    if ((error as NodeJS.ErrnoException).code === 'ERR_MODULE_NOT_FOUND') return undefined;
    throw error;
  }
}

/** Opens a model, a path or its bytes, for one thread, optimized as much as it can be. */
export async function openPeer(peer: Peer, model: string | Uint8Array): Promise<OnnxRuntime.InferenceSession> {
  const options = { intraOpNumThreads: 1, interOpNumThreads: 1, graphOptimizationLevel: 'all' } as const;
  return typeof model === 'string'
    ? peer.InferenceSession.create(model, options)
    : peer.InferenceSession.create(model, options);
}
