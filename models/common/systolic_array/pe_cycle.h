// SPDX-License-Identifier: Apache-2.0
#pragma once
// One processing element as a SystemC module, to look into: every register is a signal, every wire
// goes to a neighbour. On a rising edge a PE reads what its neighbours hold and writes its own.

#include <cstdint>
#include <systemc>

namespace takt {

/// a + b * c, wrapping in 32 bits.
inline int multiply_add(int a, int b, int c) {
  return static_cast<int>(static_cast<std::uint32_t>(a) +
                          static_cast<std::uint32_t>(b) * static_cast<std::uint32_t>(c));
}

/// A PE that holds a stationary operand: data moves right, sums move down, operands are loaded from
/// above, either into a shadow register or into the one in use.
class StationaryPe : public sc_core::sc_module {
 public:
  SC_HAS_PROCESS(StationaryPe);
  StationaryPe(const sc_core::sc_module_name& name, bool top, bool has_shadow)
      : sc_module(name), top_(top), has_shadow_(has_shadow) {
    SC_METHOD(clock);
    sensitive << clk.pos();
    dont_initialize();
  }

  sc_core::sc_in<bool> clk{"clk"};
  sc_core::sc_in<int> data_in{"data_in"}, sum_in{"sum_in"}, load_in{"load_in"};
  sc_core::sc_in<bool> valid_in{"valid_in"};  ///< `data_in` is of a row, not a gap
  sc_core::sc_in<bool> use_in{"use_in"};      ///< from now on use what was loaded last
  sc_core::sc_in<bool> loading{"loading"};    ///< column line: a row of a load enters at the top
  sc_core::sc_in<bool> first{"first"};        ///< column line: it is the load's first
  sc_core::sc_in<bool> above_took{"above_took"};  ///< the PE above took one in the cycle before
  sc_core::sc_out<int> data{"data"}, sum{"sum"}, used{"used"}, loaded{"loaded"};
  sc_core::sc_out<bool> valid{"valid"}, use{"use"}, took{"took"};

 private:
  void clock() {
    const int operand = has_shadow_ && use_in.read() ? loaded.read() : used.read();
    sum.write(multiply_add(sum_in.read(), operand, data_in.read()));
    data.write(data_in.read());
    valid.write(valid_in.read());
    use.write(use_in.read());
    // The first row of a load goes one PE further each cycle; those behind it move with it.
    const bool takes = loading.read() && (top_ || (!first.read() && above_took.read()));
    took.write(takes);
    if (takes) loaded.write(load_in.read());
    used.write(has_shadow_ ? operand : takes ? load_in.read() : used.read());
  }
  bool top_, has_shadow_;
};

/// A PE that holds an output: inputs move right, weights move down, results leave down the column,
/// either through the accumulators themselves or through a chain of shadow registers.
class OutputPe : public sc_core::sc_module {
 public:
  SC_HAS_PROCESS(OutputPe);
  OutputPe(const sc_core::sc_module_name& name, bool has_shadow)
      : sc_module(name), has_shadow_(has_shadow) {
    SC_METHOD(clock);
    sensitive << clk.pos();
    dont_initialize();
  }

  sc_core::sc_in<bool> clk{"clk"};
  sc_core::sc_in<int> right_in{"right_in"}, down_in{"down_in"}, result_in{"result_in"};
  sc_core::sc_in<bool> begin_in{"begin_in"};      ///< a new sum begins with these operands
  sc_core::sc_in<bool> end_in{"end_in"};          ///< and is complete with these
  sc_core::sc_in<bool> leave{"leave"};            ///< column line: its bottom result leaves now
  sc_core::sc_in<bool> above_took{"above_took"};  ///< the PE above took one in the cycle before
  sc_core::sc_out<int> right{"right"}, down{"down"}, sum{"sum"}, result{"result"};
  sc_core::sc_out<bool> begin{"begin"}, end{"end"}, took{"took"};

 private:
  void clock() {
    // When the column begins to leave, all but its top PE take what the one above holds; then one
    // PE less each cycle, from the top.
    const bool takes = leave.read() || above_took.read();
    took.write(takes);
    int so_far = takes && !has_shadow_ ? result_in.read() : sum.read();
    if (begin_in.read()) so_far = 0;
    const int now = multiply_add(so_far, right_in.read(), down_in.read());
    sum.write(now);
    if (!has_shadow_) {
      result.write(now);
    } else if (end_in.read()) {
      result.write(now);
    } else if (takes) {
      result.write(result_in.read());
    }
    right.write(right_in.read());
    down.write(down_in.read());
    begin.write(begin_in.read());
    end.write(end_in.read());
  }
  bool has_shadow_;
};

}  // namespace takt
