// SPDX-License-Identifier: MIT

extension EncoderConformance {
    /// A body of a test, by the document's words.
    package struct Case: Sendable, CustomStringConvertible {
        package let description: String
        package let body: @Sendable (EncoderConformance) throws -> Void

        init(_ description: String, _ body: @escaping @Sendable (EncoderConformance) throws -> Void) {
            self.description = description
            self.body = body
        }
    }

    /// The edges of the document's state machine.
    package static let edges = [
        Case("open() → Initialization") { try $0.openLeadsToInitialization() },
        Case("both queues streaming → Encoding") { try $0.bothQueuesStreamingLeadToEncoding() },
        Case("Encoding → Encoding") { try $0.encodingStaysEncoding() },
        Case("STOP → Drain → Stopped") { try $0.stopCommandLeadsToDrainAndAllDequeuedToStopped() },
        Case("Encoding → Reset → Encoding") { try $0.codedStreamOffLeadsToResetAndOnToEncoding() },
        Case("Encoding → Stopped → Encoding") { try $0.rawStreamOffLeadsToStoppedAndOnToEncoding() },
        Case("Drain → Stopped by STREAMOFF(OUTPUT)") { try $0.rawStreamOffLeadsFromDrainToStopped() },
        Case("Drain → Reset") { try $0.codedStreamOffLeadsFromDrainToReset() },
        Case("Reset → Initialization") { try $0.freeingRawBuffersLeadsFromResetToInitialization() },
        Case("Stopped → Encoding by START") { try $0.startCommandLeadsFromStoppedToEncoding() },
        Case("Stopped → Encoding by STREAMON(OUTPUT)") { try $0.rawStreamOnLeadsFromStoppedToEncoding() },
        Case("Stopped → Reset") { try $0.codedStreamOffLeadsFromStoppedToReset() },
    ]

    /// The cases of the document's section "Drain".
    package static let drains = [
        Case("without frames") { try $0.drainWithoutFramesIsOverAtOnce() },
        Case("with one frame") { try $0.drainGivesAllFrames(1) },
        Case("with many frames") { try $0.drainGivesAllFrames(10) },
        Case("without coded buffers") { try $0.lastBufferComesWhenOneIsQueued() },
        Case("cancelled by STREAMOFF(CAPTURE)") { try $0.codedStreamOffCancelsTheDrain() },
        Case("completed by STREAMOFF(OUTPUT)") { try $0.rawStreamOffCompletesTheDrain() },
        Case("STOP and START meanwhile") { try $0.stopAndStartDuringADrainAreRefused() },
        Case("EPIPE beyond the last buffer") { try $0.dequeuingBeyondTheLastBufferIsRefused() },
        Case("STOP while a queue does not stream") { try $0.stopWithoutStreamingBeginsNothing() },
        Case("50 times, going on by START") { try $0.drainsAndGoesOn(50, by: .command) },
        Case("50 times, going on by STREAMON(OUTPUT)") { try $0.drainsAndGoesOn(50, by: .rawRestart) },
        Case("50 resets") { try $0.drainsAndGoesOn(50, by: .codedRestart) },
    ]
}
