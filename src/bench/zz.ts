import { measureBoard } from './board-kernels.js'; import { findBoard } from '../boards/registry.js';
measureBoard(findBoard('riscv-virt')).then(r=>console.log(JSON.stringify(r.kernels)));
