// SPDX-License-Identifier: MIT

internal import CameraCore
internal import DequeModule

/// What callers ask of a session's next frame.
struct SessionRequests {
    var tickets = Deque<SplitTicket>()
    /// Tickets whose frames the codec lost; they come first.
    var returned = Deque<SplitTicket>()
    /// Tickets that nobody has ended, wherever they are.
    var open: [SplitTicket] = []
    var wantsKeyFrame = false
    /// Whether the next file of the recording's template is to begin, though its rule does not want one yet.
    var wantsNextFile = false
    /// Changes of the bit rate that wait for the next frame.
    var bitRates: [BitRateChange] = []
    /// Why no ticket is taken any more.
    var closed: CameraError?

    /// Remembers a ticket until it is over; the reason to refuse it when it comes too late.
    mutating func adopt(_ ticket: SplitTicket) -> CameraError? {
        if closed == nil {
            open.removeAll(where: \.isOver)
            open.append(ticket)
        }
        return closed
    }
}

extension EncodingSession {
    /// Leaves a ticket for the next frame.
    func enqueue(_ ticket: SplitTicket) throws(CameraError) {
        let refusal = requests.withLock { requests -> CameraError? in
            let refusal = requests.adopt(ticket)
            if refusal == nil { requests.tickets.append(ticket) }
            return refusal
        }
        if let refusal {
            ticket.fail(refusal)
            throw refusal
        }
    }

    func requestKeyFrame() {
        requests.withLock { $0.wantsKeyFrame = true }
    }

    /// Has the next file of the template begin as soon as it is open.
    func requestNextFile() throws(CameraError) {
        guard plan.rule != nil else {
            throw CameraError(
                .unsupported, "going on in the next file",
                reason: "the recording has no template with a split rule that would name it; split to a name instead")
        }
        requests.withLock { $0.wantsNextFile = true }
    }

    /// Changes the bit rate from the next frame on.
    func setBitRate(_ bitRate: Int, timeout: Duration) throws(CameraError) {
        let change = BitRateChange(to: bitRate)
        let refusal = requests.withLock { requests in
            if requests.closed == nil { requests.bitRates.append(change) }
            return requests.closed
        }
        if let refusal { throw refusal }
        try change.wait(until: .deadline(after: timeout))
    }

    /// Leaves frames out until ``resume()``; nothing happens to a session that is paused or has ended.
    func pause() {
        pausing.withLock { _ in
            // A camera goes on all the same, and may go away meanwhile.
            if frames.pause(), parent.router.source.canWait { parent.router.detach(frames) }
        }
    }

    /// Takes frames again; nothing happens to a session that is not paused.
    func resume() {
        pausing.withLock { _ in
            guard frames.resume(), parent.router.source.canWait else { return }
            parent.router.attachOrFinish([frames])
            // One that has ended meanwhile would never be detached.
            if frames.ending != nil { parent.router.detach(frames) }
        }
    }

    /// Refuses further requests and ends those that lead nowhere.
    func closeRequests(_ error: CameraError) {
        closeAdding(error)
        completeRemovals()
        let (tickets, bitRates) = requests.withLock { requests in
            if requests.closed == nil { requests.closed = error }
            defer { (requests.open, requests.bitRates) = ([], []) }
            return (requests.open, requests.bitRates)
        }
        for ticket in tickets { ticket.fail(error) }
        for change in bitRates { change.fail(error) }
    }
}
