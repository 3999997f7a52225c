// SPDX-License-Identifier: MIT

import CameraCore
import Synchronization
import TestSupport
import Testing

/// What hands things to all who listen.
@Suite struct HubTests {
    /// Takes what it is handed.
    private final class Taking: Sendable {
        private let state = Mutex((taken: [Int](), ends: 0))

        var taken: [Int] { state.withLock(\.taken) }
        var ends: Int { state.withLock(\.ends) }

        func take(_ number: Int) { state.withLock { $0.taken.append(number) } }
        func end() { state.withLock { $0.ends += 1 } }
    }

    @Test func whatComesIsTakenBeforeSendingReturns() {
        let (hub, taking) = (Hub<Int>(backlog: 4), Taking())
        hub.send(1)
        let key = hub.observe(taking.take, onEnd: taking.end)
        hub.send(2)
        #expect(taking.taken == [2])
        if let key { hub.remove(key) }
        hub.send(3)
        hub.finish()
        #expect(taking.taken == [2])
        #expect(taking.ends == 0)
    }

    @Test func whatWasBeforeIsToldUntilItIsForgotten() async {
        let hub = Hub<Int>(backlog: 2, keepsEarly: true)
        for number in 1...3 { hub.send(number) }
        let (first, second, late) = (Taking(), hub.stream(), Taking())
        hub.observe(first.take)
        hub.forgetEarly()
        hub.observe(late.take, onEnd: late.end)
        hub.send(4)
        hub.finish()
        // The earliest two, and then what came.
        #expect(first.taken == [1, 2, 4])
        #expect(late.taken == [4])
        #expect(late.ends == 1)
        var read: [Int] = []
        for await number in second { read.append(number) }
        // A reader that is behind misses the oldest.
        #expect(read == [2, 4])
    }

    @Test func whoComesTooLateIsToldOfTheEnd() async {
        let (hub, late) = (Hub<Int>(backlog: 4), Taking())
        hub.finish()
        #expect(hub.observe(late.take, onEnd: late.end) == nil)
        hub.send(1)
        #expect(late.taken == [])
        #expect(late.ends == 1)
        for await _ in hub.stream() { Issue.record("something came after the end") }
    }

    /// Threads send, listen, leave and end it all at once: who stays is handed each sender's things in their order, and one end.
    @Test(arguments: UInt64(1)...5) func allMayBeCalledAtOnce(seed: UInt64) throws {
        let (hub, staying) = (Hub<Int>(backlog: 16), Taking())
        hub.observe(staying.take, onEnd: staying.end)
        let each = 2000
        try onThreads(6) { thread in
            var random = SeededRandom(seed: seed * 10 + UInt64(thread))
            for step in 0..<each {
                if thread < 3 {
                    hub.send(thread * each + step)
                } else {
                    let passing = Taking()
                    let key = hub.observe(passing.take, onEnd: passing.end)
                    if Bool.random(using: &random), let key { hub.remove(key) }
                    if thread == 5, step % 100 == 0 { _ = hub.stream() }
                }
            }
        }
        hub.finish()
        hub.finish()
        #expect(staying.ends == 1)
        for thread in 0..<3 {
            let own = staying.taken.filter { $0 / each == thread }
            #expect(own == Array(thread * each..<(thread + 1) * each))
        }
    }
}
