// The two halves of checking one op record, an overload a record: docs/format.md, "Each op".
#pragma once

#include "native/engine/op_checker.h"

namespace linnet {

// 5.1: fields that are not operands; validate_fields.cc.
bool fields_ok(const Header& h, const EmbeddingOp& op);
bool fields_ok(const Header& h, const LstmOp& op);
bool fields_ok(const Header& h, const GruOp& op);
bool fields_ok(const Header& h, const RnnOp& op);
bool fields_ok(const Header& h, const ConvOp& op);
bool fields_ok(const Header& h, const PoolOp& op);
bool fields_ok(const Header& h, const AddOp& op);
bool fields_ok(const Header& h, const MulOp& op);
bool fields_ok(const Header& h, const LastStepOp& op);
bool fields_ok(const Header& h, const ConcatOp& op);
bool fields_ok(const Header& h, const LinearOp& op);
bool fields_ok(const Header& h, const SoftmaxOp& op);

// 5.2 to 5.4: operands, shapes, numbers; validate_operands.cc.
void check(OpChecker& c, const EmbeddingOp& op);
void check(OpChecker& c, const LstmOp& op);
void check(OpChecker& c, const GruOp& op);
void check(OpChecker& c, const RnnOp& op);
void check(OpChecker& c, const AddOp& op);
void check(OpChecker& c, const MulOp& op);
void check(OpChecker& c, const LastStepOp& op);
void check(OpChecker& c, const ConcatOp& op);
void check(OpChecker& c, const LinearOp& op);
void check(OpChecker& c, const SoftmaxOp& op);
// validate_windows.cc
void check(OpChecker& c, const ConvOp& op);
void check(OpChecker& c, const PoolOp& op);

}  // namespace linnet
