// SPDX-License-Identifier: Apache-2.0
#pragma once
// The way a transfer's bytes take: through one port (DMA engine and DRAM), or over the host link
// with the device's DRAM behind it.

#include <deque>
#include <vector>

#include "models/common/dma/transfer_port.h"

namespace takt {

class TransferRoute {
 public:
  virtual ~TransferRoute() = default;
  /// Once, before the first start(). Told of every job as TransferPort says.
  virtual void set_listener(TransferListener& listener) = 0;
  /// One job at a time until requested() was told.
  virtual void start(const TransferJob& job, const Transfer& transfer) = 0;
};

/// Straight through one port.
class DirectRoute : public TransferRoute {
 public:
  explicit DirectRoute(TransferPort& port) : port_(port) {}
  void set_listener(TransferListener& listener) override { port_.set_listener(listener); }
  void start(const TransferJob& job, const Transfer&) override { port_.start(job); }

 private:
  TransferPort& port_;
};

/// Through the DMA engine to DRAM, or past it to the cores' shared buffer.
class SharedRoute : public TransferRoute {
 public:
  SharedRoute(TransferPort& dram, TransferPort& shared) : dram_(dram), shared_(shared) {}
  void set_listener(TransferListener& listener) override {
    dram_.set_listener(listener);
    shared_.set_listener(listener);
  }
  void start(const TransferJob& job, const Transfer& transfer) override {
    (transfer.space == Space::kShared ? shared_ : dram_).start(job);
  }

 private:
  TransferPort& dram_;
  TransferPort& shared_;
};

/// Over the host link; where the other end is DRAM and not a buffer, its bytes are written to (read
/// from) DRAM piece by piece as they arrive (leave), in competition with the DMA engines.
class HostRoute : public TransferRoute {
 public:
  /// The size of a piece: some microseconds of the link.
  static constexpr std::uint64_t kPiece = 64 * 1024;

  /// `link` answers a start() at once, as does `shared` (null: there is none). `dram` is for this
  /// route alone.
  HostRoute(TransferPort& link, TransferPort& dram, TransferPort* shared = nullptr);
  void set_listener(TransferListener& listener) override { listener_ = &listener; }
  void start(const TransferJob& job, const Transfer& transfer) override;

 private:
  struct Move {
    TransferJob job;
    std::uint64_t address = 0;  ///< in DRAM
    std::uint64_t bytes = 0;
    std::uint64_t sent = 0;  ///< bytes in pieces that DRAM was asked for
    std::uint32_t pieces_out = 0;
    Cycles link_free{}, link_done{};
    Cycles done{};
    bool finished = false;
  };
  struct Piece {
    Move* move = nullptr;
    Cycles rest{};  ///< what the link still takes once the piece is read
  };
  void start_shared(const TransferJob& job, const Transfer& transfer);
  /// Answers that come at once: the link's, the shared buffer's.
  class Link : public TransferListener {
   public:
    void requested(std::uint64_t, Cycles free) override { free_ = free; }
    void finished(std::uint64_t, Cycles done) override {
      done_ = done;
      answered_ = true;
    }
    Cycles free_{}, done_{};
    bool answered_ = false;
  };
  /// DRAM's answers.
  class Dram : public TransferListener {
   public:
    explicit Dram(HostRoute& route) : route_(route) {}
    void requested(std::uint64_t, Cycles) override { route_.pump(); }
    void finished(std::uint64_t id, Cycles done) override { route_.piece_done(id, done); }

   private:
    HostRoute& route_;
  };
  void pump();
  void send_piece(Move& move);
  void piece_done(std::uint64_t id, Cycles done);

  TransferPort& link_port_;
  TransferPort& dram_port_;
  TransferPort* shared_port_;
  Link link_, shared_;
  Dram dram_{*this};
  TransferListener* listener_ = nullptr;
  std::deque<Move> moves_;
  std::vector<Piece> pieces_;  ///< by TransferJob::id at the DRAM's port
  std::vector<std::uint64_t> idle_;
  bool pumping_ = false;
};

}  // namespace takt
