package store

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"slices"
	"time"

	"github.com/klauspost/compress/s2"
	"github.com/uptrace/bun"
	"github.com/vmihailenco/msgpack/v5"

	"github.com/tgtrack/tgtrack/adapters/store/bulk"
	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
	"github.com/tgtrack/tgtrack/usecase/report"
)

// A batch of arrivals leaves one row for all who read it, not one for each
// event: it is written, read and struck off together. Each reader has a row of
// its own in batch_readers until it has the batch; with the last of them the
// batch goes.

// batchReader is who reads batches.
type batchReader string

// The readers of batches.
const (
	streamReader  batchReader = "stream"  // hands the events to their stream
	reportsReader batchReader = "reports" // adds facts to the figures
	stepsReader   batchReader = "steps"   // adds people to the steps of funnels, less often
	wordsReader   batchReader = "words"   // writes what people are searched by
)

// batchReaders are those for whom each batch is left.
var batchReaders = []batchReader{streamReader, wordsReader, reportsReader, stepsReader}

// batchRow is what a batch left. The body is compressed.
type batchRow struct {
	bun.BaseModel `bun:"table:batches,alias:b"`
	No            int64  `bun:"no,pk"`
	At            stamp  `bun:"at"`
	Events        int    `bun:"events"`
	People        []byte `bun:"people"` // see packNumbers
	Body          []byte `bun:"body"`
}

// readerRow says that a reader does not have a batch yet.
type readerRow struct {
	bun.BaseModel `bun:"table:batch_readers,alias:w"`
	Reader        batchReader `bun:"reader,pk"`
	BatchNo       int64       `bun:"batch_no,pk"`
}

var (
	insertBatches = bulk.Define[batchRow](`INSERT INTO batches ({columns}) {values}`)
	insertReaders = bulk.Define[readerRow](`INSERT INTO batch_readers ({columns}) {values}`)
)

// saveBatch queues what the batch leaves.
func (t *ingestTx) saveBatch(ctx context.Context, c *usecase.IngestChanges) error {
	no, err := t.numbers.next(ctx, t.Tx)
	if err != nil {
		return err
	}
	var b []byte
	events, counted, stepped := 0, false, false
	for i := range c.Events {
		e := &c.Events[i]
		if domain.IsTestSpace(e.ProjectID) { // nobody is told of it, and it counts nowhere
			continue
		}
		events++
		payload, err := usecase.EventDocument(e)
		if err != nil {
			return err
		}
		r := batchRecord{OutboxEvent: usecase.OutboxEvent{
			EventID: e.ID, ProjectID: e.ProjectID, Type: e.Type, Payload: payload,
		}}
		if i < len(c.Facts) && c.Facts[i] != nil {
			if r.fact, err = encodedFact(c.Facts[i]); err != nil {
				return err
			}
			r.personNo, r.episodeNo = t.people[e.SubscriberID], t.episodes[e.EpisodeID]
			counted, stepped = true, stepped || e.Type == domain.FunnelEvent
		}
		b = r.append(b)
	}
	if events+len(t.reworded) == 0 {
		return nil
	}
	insertBatches.Queue(t.Tx, []batchRow{{
		No: no, At: stamp(c.Now), Events: events, People: packNumbers(t.reworded), Body: s2.Encode(nil, b),
	}}, nil)
	var readers []readerRow
	for r, wants := range map[batchReader]bool{
		streamReader: events > 0, wordsReader: len(t.reworded) > 0, reportsReader: counted,
		stepsReader: stepped,
	} {
		if wants {
			readers = append(readers, readerRow{Reader: r, BatchNo: no})
		}
	}
	insertReaders.Queue(t.Tx, readers, nil)
	return nil
}

// encodedFact writes a fact by the order of its fields: names would be most of
// it. msgpack.Unmarshal reads it.
func encodedFact(f *report.Fact) ([]byte, error) {
	var b bytes.Buffer
	e := msgpack.GetEncoder()
	defer msgpack.PutEncoder(e)
	e.Reset(&b)
	e.UseArrayEncodedStructs(true)
	e.UseCompactInts(true)
	err := e.Encode(f)
	return b.Bytes(), err
}

// batchRecord is an event as a batch's body has it, with the fact that it is
// to the reports, or such a fact alone.
type batchRecord struct {
	usecase.OutboxEvent
	fact                []byte // empty: counts nowhere
	personNo, episodeNo int64
}

// published tells whether there is nothing of it for the stream, or no more.
func (r *batchRecord) published() bool { return len(r.Payload) == 0 }

// append writes the record as texts, each behind its length, and numbers.
func (r *batchRecord) append(b []byte) []byte {
	for _, s := range []string{r.EventID, r.ProjectID, string(r.Type)} {
		b = binary.AppendUvarint(b, uint64(len(s)))
		b = append(b, s...)
	}
	for _, s := range [][]byte{r.Payload, r.fact} {
		b = binary.AppendUvarint(b, uint64(len(s)))
		b = append(b, s...)
	}
	return binary.AppendVarint(binary.AppendVarint(b, r.personNo), r.episodeNo)
}

var errBatch = errors.New("what a batch left can not be read")

// recordsOf reads a batch's body.
func recordsOf(row *batchRow) ([]batchRecord, error) {
	b, err := s2.Decode(nil, row.Body)
	if err != nil {
		return nil, errBatch
	}
	out := make([]batchRecord, 0, row.Events)
	for len(b) > 0 {
		var f [5][]byte
		for i := range f {
			n, k := binary.Uvarint(b)
			if k <= 0 || uint64(len(b)-k) < n {
				return nil, errBatch
			}
			f[i], b = b[k:k+int(n)], b[k+int(n):]
		}
		r := batchRecord{fact: f[4]}
		r.EventID, r.ProjectID, r.Type, r.Payload = string(f[0]), string(f[1]), domain.EventType(f[2]), f[3]
		for _, no := range []*int64{&r.personNo, &r.episodeNo} {
			v, k := binary.Varint(b)
			if k <= 0 {
				return nil, errBatch
			}
			*no, b = v, b[k:]
		}
		out = append(out, r)
	}
	return out, nil
}

// eventsOf reads the events of a batch's body that are for the stream.
func eventsOf(row *batchRow) ([]usecase.OutboxEvent, error) {
	records, err := recordsOf(row)
	out := make([]usecase.OutboxEvent, 0, len(records))
	for i := range records {
		if !records[i].published() {
			out = append(out, records[i].OutboxEvent)
		}
	}
	return out, err
}

// waitingBatches reads the oldest batches that a reader does not have, of so
// many events together: batches are of one event or of hundreds.
func (s *Store) waitingBatches(ctx context.Context, db bun.IDB, reader batchReader, events int) ([]batchRow, error) {
	var waiting []batchRow
	q := db.NewSelect().Model(&waiting).Column("no", "events").Join("JOIN batch_readers AS w ON w.batch_no = b.no").
		Where("w.reader = ?", reader).OrderExpr("w.batch_no").Limit(int64(events))
	if !s.sqlite {
		q = q.For("UPDATE OF w SKIP LOCKED")
	}
	if err := q.Scan(ctx); err != nil || len(waiting) == 0 {
		return nil, err
	}
	var nos []int64
	for n := 0; len(nos) < len(waiting) && n < events; {
		next := &waiting[len(nos)]
		nos, n = append(nos, next.No), n+next.Events
	}
	var rows []batchRow
	return rows, db.NewSelect().Model(&rows).Where("b.no IN (?)", bun.List(nos)).OrderExpr("b.no").Scan(ctx)
}

// strikeOff says that a reader has batches; those that everybody has go.
func (s *Store) strikeOff(ctx context.Context, tx bun.Tx, reader batchReader, rows []batchRow) error {
	nos := make([]int64, len(rows))
	for i := range rows {
		nos[i] = rows[i].No
	}
	_, err := tx.NewDelete().Model((*readerRow)(nil)).
		Where("w.reader = ?", reader).Where("w.batch_no IN (?)", bun.List(nos)).Exec(ctx)
	if err != nil {
		return err
	}
	if !s.sqlite {
		// Of two readers that strike off at once the second has to see the first.
		var locked []int64
		err := tx.NewSelect().Model((*batchRow)(nil)).Column("no").
			Where("b.no IN (?)", bun.List(nos)).OrderExpr("b.no").For("UPDATE").Scan(ctx, &locked)
		if err != nil {
			return err
		}
	}
	_, err = tx.NewDelete().Model((*batchRow)(nil)).Where("b.no IN (?)", bun.List(nos)).
		Where("NOT EXISTS (?)", tx.NewSelect().Model((*readerRow)(nil)).ColumnExpr("1").
			Where("w.batch_no = b.no")).Exec(ctx)
	return err
}

// rewriteBatches changes what some batches left that wait still: edit tells
// whether it changed a record, and one that it left empty goes. Whoever is
// handing them over is waited for.
func (s *Store) rewriteBatches(ctx context.Context, tx bun.Tx, nos []int64, edit func(r *batchRecord) bool) error {
	if len(nos) == 0 {
		return nil
	}
	if !s.sqlite {
		var held []int64
		err := tx.NewSelect().Model((*readerRow)(nil)).Column("batch_no").Where("w.batch_no IN (?)", bun.List(nos)).
			OrderExpr("w.batch_no").For("UPDATE").Scan(ctx, &held)
		if err != nil {
			return err
		}
	}
	for _, no := range nos {
		var rows []batchRow // none when the last of its readers had it meanwhile
		if err := tx.NewSelect().Model(&rows).Where("b.no = ?", no).Scan(ctx); err != nil {
			return err
		}
		for i := range rows {
			if err := rewriteBatch(ctx, tx, &rows[i], edit); err != nil {
				return err
			}
		}
	}
	return nil
}

func rewriteBatch(ctx context.Context, tx bun.Tx, row *batchRow, edit func(r *batchRecord) bool) error {
	records, err := recordsOf(row)
	if err != nil {
		return err
	}
	var kept []byte
	n, edited := 0, false
	for i := range records {
		r := &records[i]
		edited = edit(r) || edited
		if r.published() && len(r.fact) == 0 {
			continue
		}
		kept = r.append(kept)
		if !r.published() {
			n++
		}
	}
	if !edited {
		return nil
	}
	row.Events, row.Body = n, s2.Encode(nil, kept)
	_, err = tx.NewUpdate().Model(row).Column("events", "body").WherePK().Exec(ctx)
	return err
}

// RelayEvents implements usecase.RelayStore. On PostgreSQL the batches are
// locked until they are struck off, and another process skips them. On SQLite
// there is one process and one writer: batches are read, handed over and
// struck off, so that a slow stream keeps nobody from writing; a lock in
// memory keeps two from reading the same.
func (s *Store) RelayEvents(ctx context.Context, limit int,
	publish func(ctx context.Context, es []usecase.OutboxEvent) error) (n int, err error) {
	if s.sqlite {
		s.relayingEvents.Lock()
		defer s.relayingEvents.Unlock()
		rows, err := s.waitingBatches(ctx, s.read, streamReader, limit)
		if err != nil || len(rows) == 0 {
			return 0, mapError("read what waits for the stream", err)
		}
		if n, err = s.publishBatches(ctx, s.read, rows, publish); err != nil {
			return 0, err
		}
		return n, s.inTx(ctx, "strike batches off", func(ctx context.Context, tx bun.Tx) error {
			return s.strikeOff(ctx, tx, streamReader, rows)
		})
	}
	// Not again: publish is not to run twice for a deadlock.
	err = s.transact(ctx, false, func(ctx context.Context, tx bun.Tx) error {
		rows, err := s.waitingBatches(ctx, tx, streamReader, limit)
		if err != nil || len(rows) == 0 {
			return err
		}
		if n, err = s.publishBatches(ctx, tx, rows, publish); err != nil {
			return err
		}
		return s.strikeOff(ctx, tx, streamReader, rows)
	})
	if err != nil {
		n = 0
	}
	return n, mapError("relay events", err)
}

// publishBatches hands the events of batches over, but for those of projects
// that were deleted while they waited.
func (s *Store) publishBatches(ctx context.Context, db bun.IDB, rows []batchRow,
	publish func(ctx context.Context, es []usecase.OutboxEvent) error) (int, error) {
	var es []usecase.OutboxEvent
	for i := range rows {
		more, err := eventsOf(&rows[i])
		if err != nil {
			return 0, err
		}
		es = append(es, more...)
	}
	es, err := s.ofLiveProjects(ctx, db, es)
	if err != nil || len(es) == 0 { // all were erased
		return 0, err
	}
	return len(es), publish(ctx, es)
}

func (s *Store) ofLiveProjects(
	ctx context.Context, db bun.IDB, es []usecase.OutboxEvent,
) ([]usecase.OutboxEvent, error) {
	var ids, alive []string
	for i := range es {
		ids = append(ids, es[i].ProjectID)
	}
	err := db.NewSelect().Model((*projectRow)(nil)).Column("id").Where("p.id IN (?)", bun.List(unique(ids))).
		Where("p.deleted_at IS NULL").Scan(ctx, &alive)
	slices.Sort(alive)
	return slices.DeleteFunc(es, func(e usecase.OutboxEvent) bool {
		_, found := slices.BinarySearch(alive, e.ProjectID)
		return !found
	}), err
}

// unpublished gives the events that their stream does not have.
func (s *Store) unpublished(ctx context.Context) ([]usecase.OutboxEvent, error) {
	var rows []batchRow
	err := s.read.NewSelect().Model(&rows).Join("JOIN batch_readers AS w ON w.batch_no = b.no").
		Where("w.reader = ?", streamReader).OrderExpr("b.no").Scan(ctx)
	var es []usecase.OutboxEvent
	for i := range rows {
		more, bad := eventsOf(&rows[i])
		if bad != nil {
			return nil, bad
		}
		es = append(es, more...)
	}
	return es, err
}

// Unread is how many events a reader does not have, and since when.
func (s *Store) unread(ctx context.Context, reader batchReader) (n int, oldest time.Time, err error) {
	err = s.read.NewSelect().Model((*batchRow)(nil)).ColumnExpr("coalesce(sum(b.events), 0), min(b.at)").
		Join("JOIN batch_readers AS w ON w.batch_no = b.no").Where("w.reader = ?", reader).Scan(ctx, &n, into{&oldest})
	return n, oldest, err
}
