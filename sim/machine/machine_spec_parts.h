// SPDX-License-Identifier: Apache-2.0
#pragma once
// The pieces machine_spec.cpp reads a machine with, one file each. Inside this folder only.

#include "sim/config/reader.h"
#include "sim/machine/machine.h"
#include "sim/machine/machine_spec.h"

namespace takt::machine_spec {

/// May a memory be declared a FIFO of tiles?
enum class Slots { kNone, kMay };
/// The keys that all on-chip memories have; with Slots::kNone the caller reads more and finishes.
Buffer read_buffer(Reader& spec, std::string name, Slots slots);
/// The shared buffer, if `wanted`; without it the key is known all the same.
void read_shared(Reader& root, Machine& machine, bool wanted);
void read_core(Reader& root, Machine& machine);
/// Fills `family` with the DRAM family that the energy table knows it by; empty if there is none.
void read_memory(Reader& root, Machine& machine, std::string& family,
                 std::vector<SourcedValue>& values);
void read_host(Reader& root, Machine& machine);
/// Reads the table; entries that depend on the machine (buffers, DRAM family) are picked from it.
void read_energy(Reader& root, Machine& machine, const std::string& family,
                 std::vector<SourcedValue>& values);

/// Reads the areas of an energy table, if it has any, and adds up the machine's.
std::optional<DieArea> read_area(Reader& energy, const Machine& machine, const std::string& family,
                                 std::vector<SourcedValue>& values);

/// The kinds of source a number may have, for a key `kind`.
Choice<std::string> source_kind();
/// Reads `sources:` of a file or part (key path -> {kind, source}), and checks that every number
/// read so far has a line, by its own path or one above it, and that every line is of a key there
/// is. Appends the numbers to `values`; they count as checked from then on.
void check_sources(Reader& reader, std::vector<SourcedValue>& values);

}  // namespace takt::machine_spec
